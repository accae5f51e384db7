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

  /// Given up when the disk is full.
  let spare: SpareSpace?

  private var prepared: LedgerStatements?

  init(spare: SpareSpace?) { self.spare = spare }

  func begin() { accounts.begin() }

  func finish(_ db: Database) throws { try accounts.finish(db) }

  func rollBack() {
    accounts.forget()
    models.removeAll()
  }

  func makeRoom() { spare?.giveUp() }

  func close() { prepared = nil }

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

  private func statements(_ db: Database) throws -> LedgerStatements {
    if let prepared { return prepared }
    let statements = try LedgerStatements(db)
    prepared = statements
    return statements
  }

  /// Adds a call; nil if it is there already.
  func insertCall(_ call: CallRequest, _ object: Digest?, _ db: Database) throws -> Int64? {
    let model = try modelID(call.model, db)
    let statements = try statements(db)
    statements.insertCall.bind(call.key, at: 1)
    statements.insertCall.bind(model, at: 2)
    statements.insertCall.bind(object, at: 3)
    statements.insertCall.bind(object == nil ? call.request : nil, at: 4)
    return try statements.insertCall.run() == 0 ? nil : db.lastInsertedRowID
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
    let statements = try statements(db)
    statements.insertClaim.bind(callID, at: 1)
    statements.insertClaim.bind(number, at: 2)
    statements.insertClaim.bind(terms.model, at: 3)
    statements.insertClaim.bind(terms.payer, at: 4)
    statements.insertClaim.bind(terms.startedAt, at: 5)
    statements.insertClaim.bind(terms.reserved, at: 6)
    statements.insertClaim.bind(job == nil ? owner : nil, at: 7)
    statements.insertClaim.bind(job, at: 8)
    try statements.insertClaim.run()
    try accounts.charge(terms.payer, Spending(cost: nil, reserved: terms.reserved), db)
    return attempt
  }

  /// Removes the claim of an attempt; false if it has none any more.
  func deleteClaim(_ attempt: Attempt, _ db: Database) throws -> Bool {
    let statements = try statements(db)
    statements.deleteClaim.bind(AttemptID.call(of: attempt.id), at: 1)
    statements.deleteClaim.bind(attempt.number, at: 2)
    return try statements.deleteClaim.run() == 1
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
  func putAnswer(_ sealed: SealedSettlement, _ db: Database) throws {
    let (settlement, attempt) = (sealed.settlement, sealed.settlement.attempt)
    let terms = attempt.terms
    let statements = try statements(db)
    statements.insertAttempt.bind(attempt.id, at: 1)
    statements.insertAttempt.bind(terms.model, at: 2)
    statements.insertAttempt.bind(terms.payer, at: 3)
    statements.insertAttempt.bind(terms.startedAt, at: 4)
    statements.insertAttempt.bind(sealed.endedAt, at: 5)
    statements.insertAttempt.bind(settlement.outcome.rawValue, at: 6)
    statements.insertAttempt.bind(settlement.servedModel, at: 7)
    statements.insertAttempt.bind(settlement.tokens.prompt, at: 8)
    statements.insertAttempt.bind(settlement.tokens.completion, at: 9)
    statements.insertAttempt.bind(terms.reserved, at: 10)
    statements.insertAttempt.bind(settlement.cost, at: 11)
    statements.insertAttempt.bind(settlement.detail?.compactText, at: 12)
    try statements.insertAttempt.run()
    statements.insertAnswer.bind(attempt.id, at: 1)
    statements.insertAnswer.bind(sealed.seal, at: 2)
    statements.insertAnswer.bind(sealed.object, at: 3)
    statements.insertAnswer.bind(sealed.object == nil ? settlement.body : nil, at: 4)
    try statements.insertAnswer.run()
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
