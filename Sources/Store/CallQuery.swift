import Foundation
import GRDB
import Primitives

/// The keys that begin with some hexadecimal digits.
struct KeyRange {
  let first: Digest
  let last: Digest

  /// Without digits, all keys; nil if what is given are not up to 64 lowercase hexadecimal digits.
  init?(prefix: String?) {
    let digits = prefix ?? ""
    let missing = 64 - digits.utf8.count
    guard missing >= 0,
      let first = Digest(hex: digits + String(repeating: "0", count: missing)),
      let last = Digest(hex: digits + String(repeating: "f", count: missing))
    else { return nil }
    self.first = first
    self.last = last
  }
}

/// The statements behind a list of calls.
///
/// A list reads the small rows of `attempts` in their order: a few hundred thousand in a tenth of a
/// second. An index for each thing to filter by would cost every call more than that costs a list.
struct CallQuery {
  let filter: CallFilter
  let keys: KeyRange
  let limit: Int

  private var common: StatementArguments {
    [
      "first": keys.first.blob, "last": keys.last.blob, "run": filter.runID,
      "model": filter.model,
    ]
  }

  var claimedArguments: StatementArguments { common }

  /// The outcomes of attempts that count in ended calls; nil if the filter wants none of them.
  ///
  /// They are words of ours, and go into the statement as they are.
  var outcomes: [String]? {
    guard let states = filter.states else { return [] }
    var outcomes: [String] = []
    for state in states {
      switch state {
      case .recorded(let outcome): outcomes.append(outcome.rawValue)
      case .free: outcomes += Release.allCases.map(\.rawValue) + [Outcome.lost]
      case .inDoubt, .open, .inBatch: break
      }
    }
    return outcomes.isEmpty ? nil : outcomes.sorted()
  }

  /// Ended calls, each by the attempt that counts.
  ///
  /// Where a key prefix is given, the few calls that have it lead; else the attempts do, in order.
  /// `CROSS JOIN` is SQLite's way to say so: left to itself it sorts all attempts for each page.
  func endedSQL(outcomes: [String]) -> String {
    let list = outcomes.map { "'\($0)'" }.joined(separator: ", ")
    return """
      SELECT c.key, m.identity, a.id, a.outcome, p.run, p.account,
        (SELECT count(*) FROM attempts n
          WHERE n.id BETWEEN c.id << 20 AND c.id << 20 | 1048575),
        a.cost_nanos, a.reserved_nanos, a.prompt_tokens, a.completion_tokens, a.served_model,
        a.started_at, a.ended_at
      FROM \(source) CROSS JOIN models m ON m.id = a.model LEFT JOIN payers p ON p.id = a.payer
      WHERE a.id > :after
        \(filter.keyPrefix == nil ? "" : "AND c.key BETWEEN :first AND :last")
        \(outcomes.isEmpty ? "" : "AND a.outcome IN (\(list))")
        \(filter.runID == nil ? "" : "AND a.payer IN (SELECT id FROM payers WHERE run = :run)")
        \(filter.model == nil
          ? "" : "AND a.model = (SELECT id FROM models WHERE identity = :model)")
        AND NOT EXISTS (SELECT 1 FROM claims k WHERE k.call = a.id >> 20)
        AND a.id = (
          SELECT s.id FROM attempts s WHERE s.id BETWEEN (a.id >> 20) << 20 AND a.id | 1048575
          ORDER BY s.outcome IN \(Outcome.withoutAnswer), s.id DESC LIMIT 1)
      ORDER BY a.id LIMIT :limit
      """
  }

  private var source: String {
    if filter.keyPrefix == nil { return "attempts a CROSS JOIN calls c ON c.id = a.id >> 20" }
    return "calls c CROSS JOIN attempts a ON a.id BETWEEN c.id << 20 AND c.id << 20 | 1048575"
  }

  func endedArguments(after: Int64, limit: Int) -> StatementArguments {
    var arguments: StatementArguments = ["after": after, "limit": limit]
    if filter.keyPrefix != nil {
      arguments += ["first": keys.first.blob, "last": keys.last.blob]
    }
    if let run = filter.runID { arguments += ["run": run] }
    if let model = filter.model { arguments += ["model": model] }
    return arguments
  }
}
