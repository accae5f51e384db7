import ModelService
import Primitives
import Tasks

/// Adds up what a judge gave, row by row.
struct JudgeScore: Sendable {
  /// How a turn came out; the states of answers that are not rated keep their own names.
  private static let rated = "rated"
  private static let unrated = "unrated"
  private static let unanswered = "unanswered"

  private var ratings = Ratings()
  private var rows = 0
  private var turns = 0
  private var states: [String: Int] = [:]
  /// The first turn without a rating, for a person to look at.
  private var firstInvalid: String?

  /// Counts one row and gives the line that is kept of it.
  ///
  /// - Parameters:
  ///   - row: The row with its turns.
  ///   - results: One for each turn.
  /// - Returns: The line.
  mutating func add(
    _ row: JudgedRow,
    _ results: [JudgedResult]
  ) -> JSON {
    rows += 1
    var lines: [JSON] = []
    for (turn, result) in zip(row.turns, results) {
      let state = Self.state(of: turn, result.rating)
      count(state, row, turn)
      ratings.add(result.rating, cluster: row.id)
      lines.append(Self.line(turn, state, result))
    }
    var json = RatedRow(id: row.id, ratings: results.map(\.rating)).json.object ?? JSONObject()
    json["turns"] = .array(lines)
    return .object(json)
  }

  private static func state(of turn: JudgedTurn, _ rating: Double?) -> String {
    if turn.record == nil { return turn.state?.rawValue ?? unanswered }
    return rating == nil ? unrated : rated
  }

  private mutating func count(_ state: String, _ row: JudgedRow, _ turn: JudgedTurn) {
    turns += 1
    states[state, default: 0] += 1
    guard state != Self.rated, firstInvalid == nil else { return }
    let place = row.turns.count > 1 ? ", turn \(turn.turn + 1)" : ""
    firstInvalid = "row '\(row.id)'\(place) (\(state))"
  }

  private static func line(
    _ turn: JudgedTurn,
    _ state: String,
    _ result: JudgedResult
  ) -> JSON {
    var line = JSONObject()
    if turn.sample > 0 { line["sample"] = JSON(turn.sample) }
    line["turn"] = JSON(turn.turn + 1)
    line["state"] = .string(state)
    line["rating"] = result.rating.map(JSON.number) ?? .null
    line["judgements"] = .array(result.judgements.map(\.json))
    return .object(line)
  }

  // MARK: What it came to

  var summary: MetricSummary { ratings.result() }

  var invalid: Int { turns - (states[Self.rated] ?? 0) }

  /// The share of turns that have no rating.
  var invalidShare: Double { turns == 0 ? 0 : Double(invalid) / Double(turns) }

  /// What the `summary` part of scores holds.
  ///
  /// `data` and `prompt` are the digests of what was judged, so that tables can say when two figures
  /// are not of the same.
  func json(data: Digest?, prompt: Digest?) -> JSON {
    [
      "rows": JSON(rows), "turns": JSON(turns), "invalid": JSON(invalid),
      "states": .object(JSONObject(sortedStates.map { ($0.key, JSON($0.value)) })),
      "data": data.map { .string($0.hex) } ?? .null,
      "prompt": prompt.map { .string($0.hex) } ?? .null,
      "metrics": .object(JSONObject([(Ratings.name, summary.json)])),
    ]
  }

  /// Facts for the run record.
  var facts: [(key: String, value: JSON)] {
    [("rows", JSON(rows)), ("turns", JSON(turns)), ("invalid", JSON(invalid))]
      + summary.figures.map { ("\(Ratings.name).\($0.name)", .number($0.figure.value)) }
  }

  /// `3 of 40 turns have no rating: 2 truncated, 1 unrated; the first is row '7', turn 2 (truncated)`.
  var trouble: String? {
    guard let firstInvalid else { return nil }
    let list = sortedStates.filter { $0.key != Self.rated }
      .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "\(invalid) of \(turns) turns have no rating: \(list); the first is \(firstInvalid)"
  }

  private var sortedStates: [(key: String, value: Int)] { states.sorted { $0.key < $1.key } }
}
