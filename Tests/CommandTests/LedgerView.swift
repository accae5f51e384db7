import Foundation
import Primitives

/// What the ledger of a cache holds, read from outside by Python's SQLite, as docs/store.md says.
struct LedgerView {
  /// Keys of calls in the order of their attempts, one an attempt.
  let attempts: [String]
  /// Keys of calls that have an answer.
  let recorded: Set<String>
  /// Keys of calls that are claimed and have no answer: in doubt once their process is dead.
  let claimed: Set<String>

  init(cache: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, "\(cache)/ledger.sqlite"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let json = try JSON(parsing: Array(pipe.fileHandleForReading.readDataToEndOfFile()))
    process.waitUntilExit()
    func keys(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }
    attempts = keys("attempts")
    recorded = Set(keys("recorded"))
    claimed = Set(keys("claimed"))
  }

  private static let script = """
    import json, sqlite3, sys
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    def keys(sql):
      return [row[0] for row in database.execute(sql)]
    print(json.dumps({
      "attempts": keys(
        "SELECT hex(key) FROM (SELECT id AS attempt, started_at FROM attempts UNION ALL "
        "SELECT call << 20 | number, started_at FROM claims) JOIN calls ON calls.id = attempt >> 20 "
        "ORDER BY started_at, attempt"),
      "recorded": keys(
        "SELECT DISTINCT hex(key) FROM answers JOIN calls ON calls.id = answers.id >> 20"),
      "claimed": keys("SELECT hex(key) FROM claims JOIN calls ON calls.id = call"),
    }))
    """
}
