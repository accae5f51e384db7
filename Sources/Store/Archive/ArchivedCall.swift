import Foundation
import GRDB
import Primitives

/// A call with its ended attempts, as a line of an archive.
struct ArchivedCall: Sendable {
  struct Attempt: Sendable {
    let number: Int
    let run: String?
    let startedAt: Int64
    let endedAt: Int64
    let outcome: String
    let servedModel: String?
    let tokens: TokenCounts
    let reserved: Int64?
    let cost: Int64?
    let detail: String?
    let answer: Answer?
  }

  struct Answer: Sendable {
    let seal: Digest
    let content: Content
  }

  /// Bytes in the line itself, or an object.
  enum Content: Sendable {
    case bytes([UInt8])
    case object(Digest)

    var digest: Digest {
      switch self {
      case .bytes(let bytes): Digest(of: bytes)
      case .object(let digest): digest
      }
    }

    var object: Digest? { if case .object(let digest) = self { digest } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  }

  let key: Digest
  let model: String
  /// Nil if it was lost to damage.
  let request: Content?
  let attempts: [Attempt]

  /// Digests of the objects that the call needs.
  var objects: [Digest] {
    [request?.object].compactMap { $0 } + attempts.compactMap { $0.answer?.content.object }
  }
}

// MARK: - From the ledger

extension ArchivedCall {
  /// Reads a call with its ended attempts; nil if it has none.
  static func read(_ id: Int64, _ db: Database, path: String) throws -> ArchivedCall? {
    let find = try db.cachedStatement(
      sql: """
        SELECT c.key, m.identity, c.request_object, c.request
        FROM calls c JOIN models m ON m.id = c.model WHERE c.id = ?
        """
    )
    let list = try db.cachedStatement(
      sql: """
        SELECT a.id, p.run, a.started_at, a.ended_at, a.outcome, a.served_model, a.prompt_tokens,
          a.completion_tokens, a.reserved_nanos, a.cost_nanos, a.detail, b.seal, b.object, b.body
        FROM attempts a LEFT JOIN answers b ON b.id = a.id LEFT JOIN payers p ON p.id = a.payer
        WHERE a.id BETWEEN ?1 << 20 AND ?1 << 20 | 1048575 ORDER BY a.id
        """
    )
    guard let row = try Row.fetchOne(find, arguments: [id]) else { return nil }
    let attempts = try Row.fetchAll(list, arguments: [id]).map { try attempt($0, path) }
    guard !attempts.isEmpty else { return nil }
    return ArchivedCall(
      key: try row.digest(at: 0, in: path),
      model: row[1],
      request: try content(row, object: 2, bytes: 3, path),
      attempts: attempts
    )
  }

  private static func attempt(_ row: Row, _ path: String) throws -> Attempt {
    var answer: Answer?
    if row[11] as Data? != nil {
      answer = Answer(
        seal: try row.digest(at: 11, in: path),
        content: try content(row, object: 12, bytes: 13, path) ?? .bytes([])
      )
    }
    return Attempt(
      number: AttemptID.number(of: row[0]),
      run: row[1],
      startedAt: row[2],
      endedAt: row[3],
      outcome: row[4],
      servedModel: row[5],
      tokens: TokenCounts(prompt: row[6], completion: row[7]),
      reserved: row[8],
      cost: row[9],
      detail: row[10],
      answer: answer
    )
  }

  private static func content(
    _ row: Row,
    object: Int,
    bytes: Int,
    _ path: String
  ) throws -> Content? {
    if row[object] as Data? != nil { return .object(try row.digest(at: object, in: path)) }
    return (row[bytes] as Data?).map { .bytes([UInt8]($0)) }
  }
}
