import Execution
import ModelService
import Primitives

/// How many answers ended in each state, and how many were drawn again.
struct StateCounts: Sendable {
  private var counts: [String: Int] = [:]
  private var rerolled = 0

  mutating func count(_ row: CompletionRow) {
    counts[row.state.rawValue, default: 0] += 1
    if row.reroll > 0 { rerolled += 1 }
  }

  private var sorted: [(key: String, value: Int)] { counts.sorted { $0.key < $1.key } }

  /// Facts for the run record.
  var facts: [(key: String, value: JSON)] {
    var facts: [(key: String, value: JSON)] = [
      ("states", .object(JSONObject(sorted.map { ($0.key, JSON($0.value)) })))
    ]
    if rerolled > 0 { facts.append(("rerolled", JSON(rerolled))) }
    return facts
  }

  /// Why answers of which the service took not one request are no result: a wrong model name, say, is
  /// told of each row for itself by some services.
  ///
  /// - Parameters:
  ///   - message: What the service said, if it was asked just now.
  ///   - facts: What was done and spent.
  /// - Returns: Nil if at least one answer is of another state, or there is none.
  func rejection(_ message: String?, _ facts: JSONObject) -> NodeFailure? {
    let all = counts.values.reduce(0, +)
    guard all > 0, counts[Answer.State.rejected.rawValue] == all else { return nil }
    var failure = NodeFailure(
      "the service rejected every one of \(all) calls" + (message.map { " (\($0))" } ?? ""),
      hint: "nothing was charged for them; 'distill calls --state rejected' shows them: mend the "
        + "model's entry or the template, and run again"
    )
    failure.facts = facts
    return failure
  }

  /// Bad answers are never silent (promise P7), and nor is that answers were drawn again: what is
  /// kept of many draws is no longer the model's own distribution.
  var notes: [String] {
    var notes: [String] = []
    let bad = sorted.filter { $0.key != Answer.State.answered.rawValue }
    let all = counts.values.reduce(0, +)
    if !bad.isEmpty {
      let list = bad.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      notes.append("\(bad.reduce(0) { $0 + $1.value }) of \(all) answers are not usable: \(list)")
    }
    if rerolled > 0 { notes.append("\(rerolled) of \(all) answers were drawn more than once") }
    return notes
  }
}
