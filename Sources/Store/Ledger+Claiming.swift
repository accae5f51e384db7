import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Asks for the right to make a call; `.granted` is durable when this returns.
  ///
  /// While another task of this process makes the same call, this waits for it: hold no slot of a
  /// connection pool meanwhile.
  ///
  /// With `fresh`, an answer counts only if `call.runID` made it; the new one is then selected, the
  /// earlier ones are kept. With `resendInDoubt`, an attempt in doubt ends as `lost`, and a new one
  /// is granted in place of `.inDoubt`.
  ///
  /// - Throws: `StoreError`, or `CancellationError` while it waits.
  package func claim(
    _ call: CallRequest,
    fresh: Bool = false,
    resendInDoubt: Bool = false
  ) async throws -> Claim {
    while !flights.begin(call.key) { try await flights.wait(for: call.key) }
    do {
      let requestObject = try await externalize(call.request)
      let wish = Wish(
        call: call,
        requestObject: requestObject,
        fresh: fresh,
        resendInDoubt: resendInDoubt,
        owner: try ownerToken()
      )
      let claim = try await database.write { db in try self.decide(wish, db) }
      if case .granted = claim { return claim }
      flights.end(call.key)
      return claim
    } catch {
      flights.end(call.key)
      throw error
    }
  }

  /// Returns when no other process that lives holds the call: then claim it again.
  ///
  /// Asks every 20 ms at first, then less often, up to once a second.
  package func waitForOther(_ key: Digest) async throws {
    var pause = Duration.milliseconds(20)
    while true {
      let token = try await database.read { db in
        try Ledger.callRow(key, db)?.claim?.owner
      }
      guard isHeldByOther(token) else { return }
      try await Task.sleep(for: pause)
      pause = min(pause * 3 / 2, .seconds(1))
    }
  }

  /// What a claim needs inside its transaction.
  private struct Wish: Sendable {
    let call: CallRequest
    let requestObject: Digest?
    let fresh: Bool
    let resendInDoubt: Bool
    let owner: String
  }

  private func decide(_ wish: Wish, _ db: Database) throws -> Claim {
    guard let row = try Ledger.callRow(wish.call.key, db) else {
      let id = try Ledger.insertCall(wish.call, wish.requestObject, db)
      return .granted(try Ledger.grant(wish.call, callID: id, owner: wish.owner, db))
    }
    if row.selected != nil, let answer = try fetchAnswer(wish.call.key, db),
      !wish.fresh || (answer.runID != nil && answer.runID == wish.call.runID)
    {
      return .recorded(answer)
    }
    if let (attempt, owner) = row.claim {
      if isHeldByOther(owner) { return .heldByOther }
      guard wish.resendInDoubt else {
        guard let call = try Ledger.fetchInDoubt(wish.call.key, db, database.path) else {
          preconditionFailure("BUG: a claim was there, and is not")
        }
        return .inDoubt(call)
      }
      try Ledger.end(attempt, as: Ledger.lost, detail: nil, db)
    }
    return .granted(try Ledger.grant(wish.call, callID: row.id, owner: wish.owner, db))
  }

  /// The outcome of an attempt that was in doubt and was sent again.
  static let lost = "lost"

  private static func insertCall(
    _ call: CallRequest,
    _ requestObject: Digest?,
    _ db: Database
  ) throws -> Int64 {
    try db.cachedStatement(
      sql: "INSERT INTO calls (key, model, request_object, request) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [
      call.key.blob, try modelID(call.model, db), requestObject?.blob,
      requestObject == nil ? Data(call.request) : nil,
    ])
    return db.lastInsertedRowID
  }

  private static func modelID(_ identity: String, _ db: Database) throws -> Int64 {
    let find = try db.cachedStatement(sql: "SELECT id FROM models WHERE identity = ?")
    if let id = try Int64.fetchOne(find, arguments: [identity]) { return id }
    try db.cachedStatement(sql: "INSERT INTO models (identity) VALUES (?)")
      .execute(arguments: [identity])
    return db.lastInsertedRowID
  }

  /// Adds an attempt and makes it the claim of its call.
  private static func grant(
    _ call: CallRequest,
    callID: Int64,
    owner: String,
    _ db: Database
  ) throws -> Attempt {
    let count = try db.cachedStatement(sql: "SELECT max(number) FROM attempts WHERE call = ?")
    let number = (try Int.fetchOne(count, arguments: [callID]) ?? 0) + 1
    try db.cachedStatement(
      sql: "INSERT INTO attempts (call, number, run, started_at) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [callID, number, call.runID, WallClock.milliseconds])
    let attempt = Attempt(key: call.key, id: db.lastInsertedRowID, number: number)
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO claims (call, attempt, owner) VALUES (?, ?, ?)"
    ).execute(arguments: [callID, attempt.id, owner])
    return attempt
  }

  /// Ends an attempt that brought no answer.
  static func end(
    _ attempt: Int64,
    as outcome: String,
    detail: JSON?,
    _ db: Database
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE attempts SET outcome = ?, ended_at = ?, detail = coalesce(?, detail)
        WHERE id = ? AND outcome IS NULL
        """
    ).execute(arguments: [outcome, WallClock.milliseconds, detail?.compactText, attempt])
  }
}
