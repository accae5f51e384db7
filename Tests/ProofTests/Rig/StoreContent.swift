import Foundation
import Primitives
import TestSupport

/// What the databases of a store mean, told by Python's SQLite; and changes to their rows.
///
/// Two states with equal columns mean the same, whatever their bytes are.
final class StoreContent {
  struct Refused: Error { let message: String }

  private let python: PythonChild

  init() throws { python = try PythonChild(Self.script) }

  /// A digest of each column of both databases, by names such as `ledger.answers.body`.
  ///
  /// There is a `ledger.error` where one does not read. It looks at a copy.
  func columns(of store: String) throws -> [String: String] {
    let answer = try ask(["op": "columns", "store": .string(store)])
    let members = answer["columns"]?.object?.members ?? []
    return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value.string ?? "") })
  }

  /// Brings the logs of both databases into them, as closing the store may.
  func checkpoint(_ store: String) throws {
    _ = try ask(["op": "checkpoint", "store": .string(store)])
  }

  /// Changes rows by SQL, which may use `seal(key, answer, outcome, model, prompt, completion)`.
  func edit(_ database: String, of store: String, _ sql: String...) throws {
    let statements = JSON.array(sql.map { .string($0) })
    _ = try ask([
      "op": "edit", "store": .string(store), "database": .string(database), "sql": statements,
    ])
  }

  /// The first row that a question to the ledger gives.
  func first(_ sql: String, in store: String) throws -> [JSON] {
    try ask(["op": "first", "store": .string(store), "sql": .string(sql)])["row"]?.array ?? []
  }

  private func ask(_ wish: JSON) throws -> JSON {
    let answer = try python.answer(to: wish.compactText)
    if let message = answer["error"]?.string { throw Refused(message: message) }
    return answer
  }

  private static let script = """
    import hashlib, json, os, shutil, sqlite3, sys

    copies = sys.argv[1]

    def columns(store):
      found = {}
      for name in ["ledger", "index"]:
        for old in os.listdir(copies):
          os.unlink(f"{copies}/{old}")
        for end in ["", "-wal", "-journal"]:
          if os.path.exists(f"{store}/{name}.sqlite{end}"):
            shutil.copyfile(f"{store}/{name}.sqlite{end}", f"{copies}/{name}.sqlite{end}")
        if not os.path.exists(f"{copies}/{name}.sqlite"):
          found[f"{name}.error"] = "missing"
          continue
        database = sqlite3.connect(f"{copies}/{name}.sqlite")
        database.text_factory = bytes
        try:
          found.update(tables(name, lambda sql: database.execute(sql).fetchall()))
        except Exception as error:
          found[f"{name}.error"] = str(error)
        finally:
          database.close()
      return {"columns": found}

    def digest(rows):
      return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]

    def tables(database, rows):
      found = {f"{database}.version": str(rows("PRAGMA user_version")[0][0])}
      found[f"{database}.schema"] = digest(rows("SELECT type, name, sql FROM sqlite_master"))
      found[f"{database}.integrity"] = digest(rows("PRAGMA integrity_check"))
      for (table,) in rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        table = table.decode()
        names = [row[1].decode() for row in rows(f"PRAGMA table_info({table})")]
        content = rows(f"SELECT * FROM {table}")
        for at, column in enumerate(names):
          found[f"{database}.{table}.{column}"] = digest([row[at] for row in content])
      return found

    def seal(key, answer, outcome, model, prompt, completion):
      words = [outcome, model or "", prompt, completion]
      text = b"".join(("" if word is None else str(word)).encode() + b"\\0" for word in words)
      return hashlib.sha256(key + hashlib.sha256(answer).digest() + text).digest()

    def connect(store, name):
      database = sqlite3.connect(f"{store}/{name}.sqlite")
      database.isolation_level = None
      database.create_function("seal", 6, seal)
      return database

    def checkpoint(store):
      for name in ["ledger", "index"]:
        database = connect(store, name)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
      return {}

    def edit(store, name, statements):
      database = connect(store, name)
      for sql in statements:
        database.execute(sql)
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      database.close()
      return {}

    def first(store, sql):
      database = connect(store, "ledger")
      row = database.execute(sql).fetchone() or []
      database.close()
      return {"row": [value.hex() if isinstance(value, bytes) else value for value in row]}

    for line in sys.stdin:
      wish = json.loads(line)
      try:
        store = wish["store"]
        answer = {
          "columns": lambda: columns(store),
          "checkpoint": lambda: checkpoint(store),
          "edit": lambda: edit(store, wish["database"], wish["sql"]),
          "first": lambda: first(store, wish["sql"]),
        }[wish["op"]]()
      except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
      print(json.dumps(answer), flush=True)
    """
}
