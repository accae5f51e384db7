import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Asks for the right to make a call; `.granted` is durable when this returns.
  ///
  /// While another task of this process makes the same call, this waits for it: hold no slot of a
  /// connection pool meanwhile.
  ///
  /// With `fresh`, an answer counts only if a run of `call.round` made it; the new one is then
  /// selected, the earlier ones are kept. If `resending` is the attempt that is in doubt, it ends as `lost`, and a
  /// new one is granted in place of `.inDoubt`; of several processes that saw the same doubt, one may
  /// send. With `resendInDoubt`, whatever attempt is in doubt gives way.
  ///
  /// - Throws: `StoreError`, `.diskFull` if there is no room for the answer; `CancellationError` while
  ///   it waits.
  package func claim(
    _ call: CallRequest,
    fresh: Bool = false,
    resending: Attempt? = nil,
    resendInDoubt: Bool = false
  ) async throws -> Claim {
    while !flights.begin(call.key) { try await flights.wait(for: call.key) }
    do {
      // Before anything is bought there is room for it.
      try await spare?.cover(flights.count)
      let wish = Wish(
        call: call,
        requestObject: try await externalize(call.request),
        fresh: fresh,
        resending: resending?.id,
        resendInDoubt: resendInDoubt,
        owner: try ownerToken()
      )
      let claim = try await database.write(.claim) { db in try self.decide(wish, db) }
      if case .granted = claim { return claim }
      flights.end(call.key)
      return claim
    } catch {
      flights.end(call.key)
      throw error
    }
  }

  /// Returns when nobody who lives holds the call: then claim it again.
  ///
  /// Waits for a task of this process that makes it, then for another process. Asks every 20 ms at
  /// first, then less often, up to once a second.
  package func waitForOther(_ key: Digest) async throws {
    try await flights.wait(for: key)
    var pause = Duration.milliseconds(20)
    while true {
      let claim = try await database.read { db in
        try Ledger.callID(key, db).flatMap { try Ledger.claimRow(key, call: $0, db) }
      }
      guard let claim, case .process(own: false) = holder(of: claim) else { return }
      try await Task.sleep(for: pause)
      pause = min(pause * 3 / 2, .seconds(1))
    }
  }

  /// What a claim needs inside its transaction.
  struct Wish: Sendable {
    let call: CallRequest
    let requestObject: Digest?
    var fresh = false
    /// The attempt that may give way if it is in doubt.
    var resending: Int64?
    var resendInDoubt = false
    let owner: String
    /// The batch that the call is to go with.
    var job: Int64?
  }

  /// Grants a call, or says why not.
  func decide(_ wish: Wish, _ db: Database) throws -> Claim {
    let call = wish.call
    let shortfall = try writer.accounts.shortfall(call.reserve, call.budgets, db)
    // Nearly all calls are new: they need no look at what there is.
    if shortfall == nil, let id = try writer.insertCall(call, wish.requestObject, db) {
      return .granted(try grant(wish, callID: id, number: 1, answers: 0, db))
    }
    guard let id = try Ledger.callID(call.key, db) else { return try over(shortfall) }
    if let answer = try fetchAnswer(call.key, call: id, db),
      !wish.fresh || answer.runID.map({ call.round.contains($0) }) == true
    {
      return .recorded(answer)
    }
    let claim = try Ledger.claimRow(call.key, call: id, db)
    if let claim {
      switch holder(of: claim) {
      case .process(own: false): return .heldByOther
      case .batch(let job): return .inBatch(try self.job(job, db))
      // A task of this process lets go of the flight only once the claim is settled or in doubt; if
      // it could not even say that, it is in doubt.
      case .process(own: true), .nobody:
        guard wish.resendInDoubt || wish.resending == claim.attempt.id else {
          return .inDoubt(try inDoubt(claim, db))
        }
      }
    }
    guard shortfall == nil else { return try over(shortfall) }
    if let claim { try giveUp(claim, db) }
    let (answers, number) = try Ledger.history(of: id, db)
    return .granted(try grant(wish, callID: id, number: number + 1, answers: answers, db))
  }

  private func over(_ shortfall: BudgetShortfall?) throws -> Claim {
    guard let shortfall else { preconditionFailure("BUG: an unknown call that fits was not added") }
    return .overBudget(shortfall)
  }

  private func grant(
    _ wish: Wish,
    callID: Int64,
    number: Int,
    answers: Int,
    _ db: Database
  ) throws -> Attempt {
    try writer.insertClaim(
      wish.call,
      callID: callID,
      number: number,
      answers: answers,
      owner: wish.owner,
      job: wish.job,
      db
    )
  }

  /// Ends a claim's attempt as lost; its reservation stands.
  func giveUp(_ claim: ClaimRow, _ db: Database) throws {
    _ = try writer.deleteClaim(claim.attempt, db)
    try writer.insertAttempt(claim.attempt, as: Outcome.lost, detail: claim.detail, db)
  }

  /// How many answers a call has, and the number of its last attempt; 0 without one.
  private static func history(
    of call: Int64,
    _ db: Database
  ) throws -> (answers: Int, number: Int) {
    let statement = try db.cachedStatement(
      sql: "SELECT max(id) FROM attempts WHERE id BETWEEN ? AND ?"
    )
    let (first, last) = AttemptID.range(of: call)
    let id = try Int64.fetchOne(statement, arguments: [first, last])
    return (try countAnswers(call, db), id.map { AttemptID.number(of: $0) } ?? 0)
  }
}
