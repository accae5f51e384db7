import Foundation
import GRDB
import Primitives

/// The statements that write calls, claims, attempts and answers, and the accounts that go with
/// them.
///
/// `@unchecked Sendable`: everything in it is touched on the writer's thread alone, from bodies of
/// `DatabaseFile.write` and by the thread itself.
final class LedgerWriter: TransactionKeeper, @unchecked Sendable {
  var accounts = AccountBook()
  /// Rows of `models` are never changed or removed, so they may be remembered.
  private var models: [String: Int64] = [:]
  private var storeID: String?

  func begin() { accounts.begin() }

  func finish(_ db: Database) throws { try accounts.finish(db) }

  func rollBack() {
    accounts.forget()
    models.removeAll()
  }

  func close() {}

  // MARK: Rows

  private func knownStoreID(_ db: Database) throws -> String {
    if let storeID { return storeID }
    let id = try Ledger.storeID(db)
    storeID = id
    return id
  }

  func modelID(_ identity: String, _ db: Database) throws -> Int64 {
    if let id = models[identity] { return id }
    let find = try db.cachedStatement(sql: "SELECT id FROM models WHERE identity = ?")
    var id = try Int64.fetchOne(find, arguments: [identity])
    if id == nil {
      try db.cachedStatement(sql: "INSERT INTO models (identity) VALUES (?)")
        .execute(arguments: [identity])
      id = db.lastInsertedRowID
    }
    models[identity] = id
    return id ?? 0
  }

  /// Adds a call; nil if it is there already.
  func insertCall(_ call: CallRequest, _ object: Digest?, _ db: Database) throws -> Int64? {
    try db.cachedStatement(
      sql: """
        INSERT INTO calls (key, model, request_object, request) VALUES (?, ?, ?, ?)
        ON CONFLICT (key) DO NOTHING
        """
    ).execute(arguments: [
      call.key.blob, try modelID(call.model, db), object?.blob,
      object == nil ? Data(call.request) : nil,
    ])
    return db.changesCount == 0 ? nil : db.lastInsertedRowID
  }

  /// Adds a claim, and reserves its worst case.
  ///
  /// `job` is the batch that the call goes with; then no process holds it.
  func insertClaim(
    _ call: CallRequest,
    callID: Int64,
    number: Int,
    answers: Int,
    owner: String,
    job: Int64?,
    _ db: Database
  ) throws -> Attempt {
    let attempt = Attempt(
      key: call.key,
      id: AttemptID.make(call: callID, number: number),
      terms: AttemptTerms(
        storeID: try knownStoreID(db),
        answers: answers,
        model: try modelID(call.model, db),
        payer: try accounts.payer(call.payer, db),
        startedAt: WallClock.milliseconds,
        reserved: call.reserve
      )
    )
    let terms = attempt.terms
    try db.cachedStatement(
      sql: """
        INSERT INTO claims (call, number, model, payer, started_at, reserved_nanos, owner, job)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      callID, number, terms.model, terms.payer, terms.startedAt, terms.reserved?.nanos,
      job == nil ? owner : nil, job,
    ])
    try accounts.charge(terms.payer, Spending(cost: nil, reserved: terms.reserved), db)
    return attempt
  }

  /// Removes the claim of an attempt; false if it has none any more.
  func deleteClaim(_ attempt: Attempt, _ db: Database) throws -> Bool {
    try db.cachedStatement(sql: "DELETE FROM claims WHERE call = ? AND number = ?")
      .execute(arguments: [AttemptID.call(of: attempt.id), attempt.number])
    return db.changesCount == 1
  }

  /// Adds an attempt that ended without an answer.
  func insertAttempt(
    _ attempt: Attempt,
    as outcome: String,
    detail: String?,
    _ db: Database
  ) throws {
    let terms = attempt.terms
    try db.cachedStatement(
      sql: """
        INSERT INTO attempts (id, model, payer, started_at, ended_at, outcome, reserved_nanos, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      attempt.id, terms.model, terms.payer, terms.startedAt, WallClock.milliseconds, outcome,
      terms.reserved?.nanos, detail,
    ])
  }

  /// Changes how a lost attempt ended.
  func endLost(
    _ attempt: Attempt,
    as outcome: String,
    detail: String?,
    _ db: Database
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE attempts SET outcome = ?, ended_at = ?, detail = coalesce(?, detail) WHERE id = ?
        """
    ).execute(arguments: [outcome, WallClock.milliseconds, detail, attempt.id])
  }

  /// Adds an attempt with its answer, or puts it in the place of one that ended without.
  func putAnswer(_ sealed: SealedSettlement, replacing: Bool, _ db: Database) throws {
    let (settlement, attempt) = (sealed.settlement, sealed.settlement.attempt)
    let terms = attempt.terms
    try db.cachedStatement(
      sql: """
        INSERT \(replacing ? "OR REPLACE " : "")INTO attempts (id, model, payer, started_at,
          ended_at, outcome, served_model, prompt_tokens, completion_tokens, reserved_nanos,
          cost_nanos, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      attempt.id, terms.model, terms.payer, terms.startedAt, sealed.endedAt,
      settlement.outcome.rawValue, settlement.servedModel, settlement.tokens.prompt,
      settlement.tokens.completion, terms.reserved?.nanos, settlement.cost?.nanos,
      settlement.detail?.compactText,
    ])
    try db.cachedStatement(
      sql: """
        INSERT \(replacing ? "OR REPLACE " : "")INTO answers (id, seal, object, body)
        VALUES (?, ?, ?, ?)
        """
    ).execute(arguments: [
      attempt.id, sealed.seal.blob, sealed.object?.blob,
      sealed.object == nil ? Data(settlement.body) : nil,
    ])
  }
}

/// A settlement with what is worked out before the writer's thread gets it.
struct SealedSettlement: Sendable {
  let settlement: Settlement
  /// The answer's object, if it is a long one.
  let object: Digest?
  let seal: Digest
  /// Milliseconds since 1970, UTC.
  let endedAt: Int64

  init(_ settlement: Settlement, object: Digest?) {
    self.settlement = settlement
    self.object = object
    seal = AnswerSeal.make(
      key: settlement.attempt.key,
      answer: object ?? Digest(of: settlement.body),
      outcome: settlement.outcome,
      servedModel: settlement.servedModel,
      tokens: settlement.tokens
    )
    endedAt = WallClock.milliseconds
  }

  func answer(run: String?) -> RecordedAnswer {
    RecordedAnswer(
      key: settlement.attempt.key,
      attempt: settlement.attempt.id,
      outcome: settlement.outcome,
      body: settlement.body,
      servedModel: settlement.servedModel,
      tokens: settlement.tokens,
      cost: settlement.cost,
      runID: run,
      endedAt: endedAt
    )
  }
}
