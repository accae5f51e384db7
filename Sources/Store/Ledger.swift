import GRDB
import Primitives

/// The durable table of calls, attempts, claims and remote jobs: what was paid for.
///
/// The order that no money is lost by: a claim is on the disk before the first byte is sent, an
/// answer before anybody uses it. So whatever ends the process, a call is either recorded, or not
/// sent, or listed as in doubt.
package final class Ledger: Sendable {
  /// Answers and requests up to this many bytes lie in their row, longer ones are objects.
  static let inlineLimit = 256 * 1024

  let database: DatabaseFile
  let objects: ObjectStore
  let flights = Flights()
  private let locks: String
  private let owner: Owner?

  init(database: DatabaseFile, objects: ObjectStore, locks: String, owner: Owner?) {
    self.database = database
    self.objects = objects
    self.locks = locks
    self.owner = owner
  }

  /// The token that this process claims with.
  func ownerToken() throws(StoreError) -> String {
    guard let owner else { throw .readOnly(path: database.storePath) }
    return owner.token
  }

  /// Whether another process that lives answers for a row; nil is nobody.
  func isHeldByOther(_ token: String?) -> Bool {
    guard let token, token != owner?.token else { return false }
    return Owner.isAlive(token, in: locks)
  }

  /// Whether this process, or another that lives, answers for a row.
  func isHeld(_ token: String?) -> Bool {
    guard let token else { return false }
    return token == owner?.token || Owner.isAlive(token, in: locks)
  }

  /// A large body becomes an object, durable before the row that names it.
  func externalize(_ bytes: [UInt8]) async throws(StoreError) -> Digest? {
    guard bytes.count > Ledger.inlineLimit else { return nil }
    return try await objects.put(bytes).digest
  }

  /// The row that says where a call stands.
  struct CallRow {
    let id: Int64
    let selected: Int64?
    let claim: (attempt: Int64, owner: String?)?
  }

  static func callRow(_ key: Digest, _ db: Database) throws -> CallRow? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT c.id, c.selected, k.attempt, k.owner
        FROM calls c LEFT JOIN claims k ON k.call = c.id WHERE c.key = ?
        """
    )
    guard let row = try Row.fetchOne(statement, arguments: [key.blob]) else { return nil }
    let attempt: Int64? = row[2]
    return CallRow(id: row[0], selected: row[1], claim: attempt.map { ($0, row[3]) })
  }
}
