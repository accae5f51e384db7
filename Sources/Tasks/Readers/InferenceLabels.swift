import Diagnostics
import Primitives

/// How a set of natural-language inference codes its labels, and what they mean.
///
/// The words mean the same everywhere, in any case of letters; letters and numbers mean what a set
/// says of them, so each set lists its own.
struct InferenceLabels {
  static let entailment = "entailment"
  static let neutral = "neutral"
  static let contradiction = "contradiction"

  private let codes: [(code: String, label: String)]
  private let labels: [String]

  /// - Parameters:
  ///   - labels: Those that occur in the set.
  ///   - codes: Further ways in which the set writes them, in lower case.
  init(
    _ labels: [String] = [entailment, neutral, contradiction],
    codes: [(code: String, label: String)] = []
  ) {
    self.labels = labels
    self.codes = codes
  }

  /// `e`, `n` and `c`.
  static let letters = [("e", entailment), ("n", neutral), ("c", contradiction)]
  /// 0, 1 and 2 in the order of the words, as ANLI has them.
  static let numbers = [("0", entailment), ("1", neutral), ("2", contradiction)]

  /// The label in a column; nil where the set gives none: no column, nothing in it, or the -1 that
  /// the Hugging Face hub writes there.
  func label(_ column: String, of row: PublishedRow) throws(RowProblem) -> String? {
    guard let value = row.object[column], !value.isNull else { return nil }
    let text = Scalar.text(value).map(Scalar.trimmed)
    if let text, text.isEmpty || text == "-1" { return nil }
    let folded = text.map { $0.lowercased() }
    let found =
      labels.first { $0 == folded }
      ?? codes.first { $0.code == folded && labels.contains($0.label) }?.label
    guard let found else {
      throw RowProblem(
        "the label \(text.map { "'\($0)'" } ?? value.kindName) in row \(row.number) is none of "
          + "the set's: \(Wording.choice(labels + codes.map(\.code)))"
      )
    }
    return found
  }
}
