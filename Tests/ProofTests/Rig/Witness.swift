import Foundation
import Primitives
import TestSupport

/// Reads ledgers from outside, by Python's SQLite and as docs/store.md says.
///
/// It reads a copy: looking at a store must not recover it. One Python serves a whole proof.
final class Witness {
  struct CannotRead: Error { let message: String }

  /// What a ledger holds.
  struct View {
    /// The idempotency key of the first draw of each call, by call key.
    let calls: [String: String]
    /// Keys of calls that have an answer.
    let recorded: Set<String>
    /// The attempt under way of each call that has no answer: in doubt once its process is dead.
    let claims: [String: Int]
    /// How many attempts ended how.
    let outcomes: [String: Int]
    /// Billionths of a US dollar by account: what the account row says.
    let accounts: [String: Int64]
    /// The same, added up from attempts and claims.
    let committed: [String: Int64]
    /// What SQLite says of the file: `ok`.
    let integrity: String
    let jobs: [JSON]

    /// Keys of calls that are claimed.
    var claimed: Set<String> { Set(claims.keys) }
  }

  private let python: PythonChild

  init() throws { python = try PythonChild(Self.script) }

  /// The ledger of a cache; one that is not there yet is empty.
  ///
  /// `live` reads the file itself beside its writers, since files that change cannot be copied.
  func view(cache: String, live: Bool = false) throws -> View {
    let json = try python.answer(to: "\(live ? "live" : "copy") \(cache)")
    if let message = json["error"]?.string { throw CannotRead(message: message) }
    func keys(_ name: String) -> Set<String> {
      Set(json[name]?.array?.compactMap(\.string) ?? [])
    }
    func numbers(_ name: String) -> [String: Int64] {
      Dictionary(
        uniqueKeysWithValues: (json[name]?.object?.members ?? []).map {
          ($0.key, $0.value.integer ?? 0)
        }
      )
    }
    return View(
      calls: Dictionary(
        uniqueKeysWithValues: (json["calls"]?.object?.members ?? []).map {
          ($0.key, $0.value.string ?? "")
        }
      ),
      recorded: keys("recorded"),
      claims: numbers("claims").mapValues { Int($0) },
      outcomes: numbers("outcomes").mapValues { Int($0) },
      accounts: numbers("accounts"),
      committed: numbers("committed"),
      integrity: json["integrity"]?.string ?? "",
      jobs: json["jobs"]?.array ?? []
    )
  }

  private static let script = """
    import hashlib, json, os, shutil, sqlite3, sys

    copies = sys.argv[1]
    SPAN = 1048576

    def connect(cache, live):
      if live:
        return sqlite3.connect(f"file:{cache}/ledger.sqlite?mode=ro", uri=True, timeout=60)
      for name in os.listdir(copies):
        os.unlink(f"{copies}/{name}")
      # A journal too: power may be cut while SQLite makes the file itself.
      for end in ["", "-wal", "-journal"]:
        if os.path.exists(f"{cache}/ledger.sqlite{end}"):
          shutil.copyfile(f"{cache}/ledger.sqlite{end}", f"{copies}/ledger.sqlite{end}")
      return sqlite3.connect(f"{copies}/ledger.sqlite")

    def read(cache, live):
      if not os.path.exists(f"{cache}/ledger.sqlite"):
        return {}
      database = connect(cache, live)
      # One snapshot for all that is read.
      database.isolation_level = None
      database.execute("BEGIN")
      try:
        return tables(lambda sql: database.execute(sql).fetchall())
      finally:
        database.close()

    def tables(rows):
      if not rows("SELECT 1 FROM sqlite_master WHERE name = 'attempts'"):
        return {}
      store = rows("SELECT value FROM meta WHERE name = 'store'")[0][0]
      store = store if isinstance(store, bytes) else store.encode()
      answered = {row[0] for row in rows(f"SELECT DISTINCT id / {SPAN} FROM answers")}
      def idempotency(key):
        return hashlib.sha256(store + key + b"0").hexdigest()[:32]
      calls = rows("SELECT id, key FROM calls")
      keys = {call: key.hex() for call, key in calls}
      committed = {}
      money = [
        ("payer", "t.reserved_nanos", "claims"),
        # What was released counts for nothing.
        ("payer", "coalesce(t.cost_nanos, t.reserved_nanos)",
          "(SELECT * FROM attempts WHERE outcome NOT IN ('not-sent', 'declined'))"),
      ]
      for payer, amount, table in money:
        for name, nanos in rows(
          f"SELECT p.account, sum({amount}) FROM {table} t JOIN payers p ON p.id = t.{payer}"
          " GROUP BY p.account"
        ):
          committed[name] = committed.get(name, 0) + (nanos or 0)
      jobs = [
        dict(zip(["kind", "tag", "remote_id", "state"], row))
        for row in rows("SELECT kind, tag, remote_id, state FROM jobs ORDER BY id")
      ]
      return {
        "calls": {key.hex(): idempotency(key) for _, key in calls},
        "recorded": [keys[call] for call in answered],
        "claims": {keys[call]: number for call, number in rows("SELECT call, number FROM claims")},
        "outcomes": dict(rows(
          "SELECT coalesce(outcome, 'open'), count(*) FROM attempts GROUP BY 1")),
        "accounts": dict(rows("SELECT name, settled_nanos + reserved_nanos FROM accounts")),
        "committed": committed,
        "integrity": rows("PRAGMA integrity_check")[0][0],
        "jobs": jobs,
      }

    for line in sys.stdin:
      try:
        form, cache = line.rstrip("\\n").split(" ", 1)
        answer = read(cache, form == "live")
      except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
      print(json.dumps(answer), flush=True)
    """
}
