import GRDB
import Primitives

extension StoreAudit {
  mutating func auditIndex() throws(StoreError) {
    let rows = try DatabaseConnection.reading(layout.index) { db in try IndexRows(db) }
    for result in rows.results { try audit(result) }
    for problem in rows.unreadable { report.add(.damagedRow, at: layout.index, problem) }
    for instance in rows.instanceKeys where instance == nil {
      report.add(.damagedRow, at: layout.index, "the key of an instance has not 32 bytes")
    }
  }

  private mutating func audit(_ result: IndexRows.Result) throws(StoreError) {
    let name = "the \(result.kind) result \(result.key.hex)"
    for output in result.outputs
    where objects.find(output.object.digest)?.size != output.object.size {
      report.add(
        .missingOutput,
        at: objects.path(of: output.object.digest),
        "the \(output.part) of \(name): object \(output.object.digest.hex) is not there at its size"
      )
    }
    switch try Preimage.check(of: result.key, kind: result.kind, in: objects) {
    case .right: break
    case .missing:
      report.add(
        .missingOutput,
        at: objects.path(of: result.key),
        "the preimage of \(name): object \(result.key.hex) is not there"
      )
    case .wrong(let reason):
      report.add(.wrongPreimage, at: objects.path(of: result.key), "\(name): \(reason)")
    }
  }
}

/// What the object behind a key must be.
enum Preimage {
  enum State {
    case right
    case missing
    case wrong(String)
  }

  /// Damage of the object itself is told of with the objects.
  static func check(
    of key: Digest,
    kind: String,
    in objects: ObjectStore
  ) throws(StoreError) -> State {
    let bytes: [UInt8]
    do throws(StoreError) {
      bytes = try objects.readNow(key)
    } catch .missingObject {
      return .missing
    } catch .damagedObject {
      return .right
    }
    guard let json = try? JSON(parsing: bytes), json.object != nil, json.canonical == bytes else {
      return .wrong("its preimage is not canonical JSON")
    }
    if let made = json["kind"]?.string, !UTF8Order.equal(made, kind) {
      return .wrong("its preimage is one of the kind '\(made)'")
    }
    return .right
  }
}

/// The rows of the index that others depend on, as far as they read.
struct IndexRows {
  struct Result {
    let id: Int64
    let key: Digest
    let kind: String
    let run: String
    let outputs: [(part: String, object: ObjectRef)]
  }

  var results: [Result] = []
  var unreadable: [String] = []
  var instanceKeys: [Digest?] = []

  init(_ db: Database) throws {
    let outputs = try Dictionary(
      grouping: Row.fetchAll(
        db,
        sql: "SELECT result, part, digest, size FROM outputs ORDER BY result, position"
      ),
      by: { $0[0] as Int64 }
    )
    for row in try Row.fetchAll(
      db,
      sql: "SELECT id, key, kind, run, facts, made_at FROM results ORDER BY id"
    ) {
      let id: Int64 = row[0]
      let parts = (outputs[id] ?? []).map { output in
        Digest(blob: output[2]).map { digest in
          (part: output[1] as String, object: ObjectRef(digest: digest, size: output[3]))
        }
      }
      guard let key = Digest(blob: row[1]), let facts = try? JSON(parsing: row[4] as String),
        !parts.contains(where: { $0 == nil })
      else {
        unreadable.append("result \(id) does not read")
        continue
      }
      let record = ResultRecord(
        key: key,
        kind: row[2],
        outputs: parts.compactMap { $0 },
        facts: facts,
        runID: row[3],
        madeAt: row[5]
      )
      guard ResultSeal.open(record) != nil else {
        unreadable.append("result \(id) is not what was recorded")
        continue
      }
      results.append(
        Result(id: id, key: key, kind: row[2], run: row[3], outputs: record.outputs)
      )
    }
    let known = Set(try Int64.fetchAll(db, sql: "SELECT id FROM results"))
    for id in outputs.keys.sorted() where !known.contains(id) {
      unreadable.append("outputs belong to result \(id), which is not there")
    }
    for row in try Row.fetchAll(db, sql: "SELECT id, status FROM runs ORDER BY id") {
      let status: String = row[1]
      guard RunStatus(rawValue: status) == nil else { continue }
      unreadable.append("run '\(row[0] as String)' has the unknown status '\(status)'")
    }
    instanceKeys = try Row.fetchAll(db, sql: "SELECT key FROM instances").map {
      Digest(blob: $0[0])
    }
  }
}
