import ModelService
package import Primitives

/// One line of a labels artifact: the answer read for one row of the dataset.
package struct LabelRow: Hashable, Sendable {
  /// Why a row has a label or has none.
  package enum State: String, CaseIterable, Sendable {
    case valid
    /// The completion has no answer that the reading finds.
    case unreadable
    /// The samples did not agree often enough, or two answers had the same number of votes.
    case undecided
    /// The completion was not a usable answer; named as its own state is.
    case truncated, refused, filtered, rejected, empty, looped, skipped
    case toolCall = "tool-call"
    case unknownFinish = "unknown-finish"
  }

  package let id: String
  package let state: State
  /// The answer, of a conversation its last one; nil unless the state is `valid` or the workflow keeps
  /// invalid rows.
  package let label: String?
  /// The answers of a conversation's turns, as many as there is a label for; none where one answer was
  /// asked for.
  package let turns: [String]
  package let strict: String?
  package let flexible: String?
  /// How many samples gave the label, of how many that could be read.
  package let votes: Int
  package let readable: Int

  package init(
    id: String,
    state: State,
    label: String?,
    turns: [String] = [],
    strict: String?,
    flexible: String?,
    votes: Int,
    readable: Int
  ) {
    self.id = id
    self.state = state
    self.label = label
    self.turns = turns
    self.strict = strict
    self.flexible = flexible
    self.votes = votes
    self.readable = readable
  }

  package var json: JSON {
    var object = JSONObject([
      ("id", .string(id)), ("state", .string(state.rawValue)), ("label", JSON(label)),
      ("strict", JSON(strict)), ("flexible", JSON(flexible)), ("votes", JSON(votes)),
      ("readable", JSON(readable)),
    ])
    object["turns"] = turns.isEmpty ? nil : .array(turns.map(JSON.string))
    return .object(object)
  }

  package init(line: [UInt8]) throws {
    let json = try JSON(parsing: line)
    guard let id = json["id"]?.string, let state = json["state"]?.string.flatMap(State.init)
    else { preconditionFailure("BUG: a labels object holds '\(json.canonicalText)'") }
    self.init(
      id: id,
      state: state,
      label: json["label"]?.string,
      turns: json["turns"]?.array?.compactMap(\.string) ?? [],
      strict: json["strict"]?.string,
      flexible: json["flexible"]?.string,
      votes: json["votes"]?.int ?? 0,
      readable: json["readable"]?.int ?? 0
    )
  }
}

/// Counts over the rows of a labels artifact.
package struct LabelTally: Hashable, Sendable {
  package private(set) var rows = 0
  package private(set) var states: [LabelRow.State: Int] = [:]
  package private(set) var disagreements = 0
  /// The first rows whose readings differ, to look at.
  package private(set) var disagreeing: [String] = []

  /// How many rows a note names.
  private static let named = 5

  package var valid: Int { states[.valid] ?? 0 }

  package mutating func count(_ row: LabelRow, agrees: Bool) {
    rows += 1
    states[row.state, default: 0] += 1
    guard !agrees else { return }
    disagreements += 1
    if disagreeing.count < Self.named { disagreeing.append(row.id) }
  }

  /// `12 unreadable, 3 truncated`: every state but `valid` that occurs.
  package var stateList: String {
    LabelRow.State.allCases
      .filter { $0 != .valid && states[$0] != nil }
      .map { "\(states[$0] ?? 0) \($0.rawValue)" }
      .joined(separator: ", ")
  }

  package var json: JSONObject {
    var members: [(key: String, value: JSON)] = [("rows", JSON(rows))]
    for state in LabelRow.State.allCases {
      members.append((state.rawValue, JSON(states[state] ?? 0)))
    }
    members.append(("disagreements", JSON(disagreements)))
    return JSONObject(members)
  }
}
