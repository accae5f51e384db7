import GRDB
import Primitives

/// The durable table of calls, attempts, claims and remote jobs: what was paid for.
///
/// The order that no money is lost by: a claim is on the disk before the first byte is sent, an
/// answer before anybody uses it. So whatever ends the process, a call is either recorded, or not
/// sent, or listed as in doubt. The worst case of what a call costs is reserved with its claim, in
/// the same transaction that looks at the budgets.
package final class Ledger: Sendable {
  /// Answers and requests up to this many bytes lie in their row, longer ones are objects.
  static let inlineLimit = 256 * 1024

  let database: DatabaseFile
  let objects: ObjectStore
  let flights = Flights()
  let writer: LedgerWriter
  /// Nil on a store opened for reading.
  let spare: SpareSpace?
  private let locks: String
  private let owner: Owner?

  init(
    database: DatabaseFile,
    writer: LedgerWriter,
    objects: ObjectStore,
    locks: String,
    owner: Owner?
  ) {
    self.database = database
    self.writer = writer
    spare = writer.spare
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

  /// The same for an answer, which is paid for: if the disk is full, the space kept for it is used.
  func externalize(answer bytes: [UInt8]) async throws(StoreError) -> Digest? {
    spare?.note(answer: bytes.count)
    do throws(StoreError) {
      return try await externalize(bytes)
    } catch {
      guard error.isDiskFull, let spare else { throw error }
      // Perhaps another answer has given it up just now: then there is room as well.
      spare.giveUp()
      return try await externalize(bytes)
    }
  }

  /// The random id that the store got when it was made.
  static func storeID(_ db: Database) throws -> String {
    let statement = try db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'store'")
    guard let id = try String.fetchOne(statement) else {
      throw StoreError.damagedFile(path: "ledger.sqlite", reason: "it has lost the store's id")
    }
    return id
  }
}
