import Foundation
import GRDB
import Primitives

/// What came of merging calls of an archive into the ledger.
struct MergeOutcome: Sendable {
  /// Attempts that were not here.
  var newAttempts = 0
  /// Answers that were not here.
  var answers = 0
  /// Calls that have another answer here, which goes on to count.
  var otherAnswers = 0
}

extension Ledger {
  /// Adds calls with their attempts, in one transaction; what is here goes on to count.
  ///
  /// Nobody else has the store open: the numbers of attempts may change.
  func merge(_ calls: [ArchivedCall]) async throws(StoreError) -> MergeOutcome {
    try await database.write { db in
      var outcome = MergeOutcome()
      for call in calls { try self.merge(call, db, &outcome) }
      return outcome
    }
  }

  private func merge(_ call: ArchivedCall, _ db: Database, _ outcome: inout MergeOutcome) throws {
    let known = try Ledger.callID(call.key, db)
    let present =
      try known.flatMap {
        try ArchivedCall.read($0, db, path: database.path)?.attempts
      } ?? []
    var new: [ArchivedCall.Attempt] = []
    let id = try known ?? insert(call, db)
    for attempt in call.attempts {
      if let lost = present.first(where: { attempt.restores($0) }) {
        try restore(attempt, AttemptID.make(call: id, number: lost.number), db)
        outcome.answers += 1
      } else if !present.contains(where: { attempt.isSame(as: $0) }) {
        new.append(attempt)
      }
    }
    guard !new.isEmpty else { return }
    if known != nil { try shift(id, present.map(\.number), by: new.count, db) }
    for (index, attempt) in new.enumerated() {
      try insert(attempt, call.model, AttemptID.make(call: id, number: index + 1), db)
    }
    outcome.newAttempts += new.count
    outcome.answers += new.count { $0.answer != nil }
    let counts = present.last { $0.answer != nil }
    if let counts,
      new.contains(where: { $0.answer.map { $0.seal != counts.answer?.seal } ?? false })
    {
      outcome.otherAnswers += 1
    }
  }

  private func insert(_ call: ArchivedCall, _ db: Database) throws -> Int64 {
    try db.execute(
      sql: "INSERT INTO calls (key, model, request_object, request) VALUES (?, ?, ?, ?)",
      arguments: [
        call.key.blob, try writer.modelID(call.model, db), call.request?.object?.blob,
        call.request?.bytes.map { Data($0) },
      ]
    )
    return db.lastInsertedRowID
  }

  /// Makes room before the attempts that are here: the latest answer is the one that counts.
  private func shift(_ call: Int64, _ numbers: [Int], by count: Int, _ db: Database) throws {
    for number in numbers.sorted(by: >) {
      let (old, new) = (
        AttemptID.make(call: call, number: number),
        AttemptID.make(call: call, number: number + count)
      )
      for table in ["attempts", "answers"] {
        try db.execute(sql: "UPDATE \(table) SET id = ? WHERE id = ?", arguments: [new, old])
      }
    }
    try db.execute(
      sql: "UPDATE claims SET number = number + ? WHERE call = ?",
      arguments: [count, call]
    )
  }

  private func insert(
    _ attempt: ArchivedCall.Attempt,
    _ model: String,
    _ id: Int64,
    _ db: Database
  ) throws {
    // It was paid for elsewhere: on behalf of its run, and of no workflow of this store.
    let payer = try writer.accounts.payer(PayerName(run: attempt.run, account: nil), db)
    try db.execute(
      sql: """
        INSERT INTO attempts (id, model, payer, started_at, ended_at, outcome, served_model,
          prompt_tokens, completion_tokens, reserved_nanos, cost_nanos, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, try writer.modelID(model, db), payer, attempt.startedAt, attempt.endedAt,
        attempt.outcome, attempt.servedModel, attempt.tokens.prompt, attempt.tokens.completion,
        attempt.reserved, attempt.cost, attempt.detail,
      ]
    )
    try insertAnswer(attempt, id, db)
    try writer.accounts.charge(payer, attempt.spending, db)
  }

  private func insertAnswer(
    _ attempt: ArchivedCall.Attempt,
    _ id: Int64,
    _ db: Database
  ) throws {
    guard let answer = attempt.answer else { return }
    try db.execute(
      sql: "INSERT INTO answers (id, seal, object, body) VALUES (?, ?, ?, ?)",
      arguments: [
        id, answer.seal.blob, answer.content.object?.blob, answer.content.bytes.map { Data($0) },
      ]
    )
  }

  /// Gives an attempt back the answer that damage or a collection took; its money is counted.
  private func restore(_ attempt: ArchivedCall.Attempt, _ id: Int64, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE attempts SET outcome = ?, served_model = ?, prompt_tokens = ?, completion_tokens = ?,
          detail = ? WHERE id = ?
        """,
      arguments: [
        attempt.outcome, attempt.servedModel, attempt.tokens.prompt, attempt.tokens.completion,
        attempt.detail, id,
      ]
    )
    try insertAnswer(attempt, id, db)
  }
}

extension ArchivedCall.Attempt {
  private func isOfOneTime(_ other: ArchivedCall.Attempt) -> Bool {
    startedAt == other.startedAt && endedAt == other.endedAt && cost == other.cost
      && reserved == other.reserved
  }

  func isSame(as other: ArchivedCall.Attempt) -> Bool {
    isOfOneTime(other) && UTF8Order.equal(outcome, other.outcome) && tokens == other.tokens
      && answer?.seal == other.answer?.seal
  }

  /// Whether this is what another was before it lost its answer.
  func restores(_ other: ArchivedCall.Attempt) -> Bool {
    isOfOneTime(other) && answer != nil && UTF8Order.equal(other.outcome, Outcome.lost)
  }
}
