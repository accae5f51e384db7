import Execution
import Primitives
import Store
import Tasks
import Workflow

/// Who must have given the same label for a row to be trained on: `keep: {agreeing_with: […]}`.
struct LabelAgreement: Sendable {
  /// The word for the data's own labels.
  static let gold = "gold"

  /// Why a labelled row is not kept; the words stand in the summary.
  enum Difference: String, Sendable {
    case notGold = "differs from gold"
    case withoutGold = "without gold"
    case notOthers = "differs from other labels"
    case withoutOthers = "without other labels"
  }

  /// How labels are compared: as they were read.
  private let reading: Reading
  private let comparesGold: Bool
  /// The files of the other labels.
  private let others: [String]

  /// - Returns: Nil where every labelled row is kept.
  init?(_ inputs: Inputs, _ objects: ObjectStore) async throws {
    guard case .list(let written) = inputs.settings["keep"]?.member("agreeing_with")?.kind else {
      return nil
    }
    comparesGold = written.contains { $0.json?.string == Self.gold }
    var others: [String] = []
    for input in inputs.all("keep.agreeing_with") {
      others.append(try await objects.verifiedPath(input.artifact.require(Part.rows)))
    }
    self.others = others
    let part = inputs.require("labels").require(Part.reading)
    reading = try Reading(json: JSON(parsing: try await objects.read(part)))
  }

  /// Opens the other labels, to be gone through with the rows.
  func judge() throws -> Judge {
    Judge(self, try others.map { LabelLookup(try LabelIndex(path: $0)) })
  }

  /// Compares the labels of rows one after the other.
  struct Judge {
    private let agreement: LabelAgreement
    private let others: [LabelLookup]

    fileprivate init(_ agreement: LabelAgreement, _ others: [LabelLookup]) {
      self.agreement = agreement
      self.others = others
    }

    /// What stands against keeping a row; nil where all agree.
    func difference(_ record: Record, _ label: String) throws -> Difference? {
      // Every index goes on with each row, whatever another has said of it already.
      let labels = try others.map { try $0.index.find(record.id) }
      if agreement.comparesGold {
        guard let gold = agreement.reading.expected(record) else { return .withoutGold }
        guard agreement.reading.equal(label, gold) else { return .notGold }
      }
      for other in labels {
        guard let other, other.state == .valid, let theirs = other.label else {
          return .withoutOthers
        }
        guard agreement.reading.equal(label, theirs) else { return .notOthers }
      }
      return nil
    }
  }
}
