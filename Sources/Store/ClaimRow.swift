import GRDB
import Primitives

/// Where a call stands that has not ended: its row of `claims`, with the job that holds it.
struct ClaimRow {
  let attempt: Attempt
  let owner: String?
  let detail: String?
  /// Nil if it is no batch's.
  let job: Job?

  struct Job {
    let id: Int64
    let isFinal: Bool
    let owner: String?
  }

  /// Who answers for it.
  enum Holder {
    /// A process that lives, `own` if it is this one.
    case process(own: Bool)
    /// A batch that has not ended, followed by this process or nobody.
    case batch(Int64)
    case nobody
  }

  /// The columns from `k.call` on, of claims `k` and left-joined jobs `j`.
  static let columns = """
    k.call, k.number, k.model, k.payer, k.started_at, k.reserved_nanos, k.owner, k.detail,
    k.job, j.state, j.owner
    """

  /// Reads the columns that begin at `first`.
  init(_ row: Row, at first: Int, key: Digest, answers: Int, storeID: String) {
    attempt = Attempt(
      key: key,
      id: AttemptID.make(call: row[first], number: row[first + 1]),
      terms: AttemptTerms(
        storeID: storeID,
        answers: answers,
        model: row[first + 2],
        payer: row[first + 3],
        startedAt: row[first + 4],
        reserved: (row[first + 5] as Int64?).map { Money(nanos: $0) }
      )
    )
    owner = row[first + 6]
    detail = row[first + 7]
    job = (row[first + 8] as Int64?).map { id in
      let state = (row[first + 9] as String?).flatMap { JobState(rawValue: $0) }
      return Job(id: id, isFinal: state?.isFinal ?? true, owner: row[first + 10])
    }
  }
}

extension Ledger {
  /// Who answers for a claim now: asks the kernel.
  func holder(of claim: ClaimRow) -> ClaimRow.Holder {
    if let job = claim.job, !job.isFinal {
      return isHeldByOther(job.owner) ? .process(own: false) : .batch(job.id)
    }
    if isHeldByOther(claim.owner) { return .process(own: false) }
    return isHeld(claim.owner) ? .process(own: true) : .nobody
  }

  /// How many answers a call has.
  static func countAnswers(_ call: Int64, _ db: Database) throws -> Int {
    let statement = try db.cachedStatement(
      sql: """
        SELECT count(*) FROM attempts WHERE id BETWEEN ? AND ?
          AND outcome NOT IN \(Outcome.withoutAnswer)
        """
    )
    let (first, last) = AttemptID.range(of: call)
    return try Int.fetchOne(statement, arguments: [first, last]) ?? 0
  }

  /// The claim of a call; nil if it has none.
  static func claimRow(_ key: Digest, call: Int64, _ db: Database) throws -> ClaimRow? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT \(ClaimRow.columns) FROM claims k LEFT JOIN jobs j ON j.id = k.job WHERE k.call = ?
        """
    )
    return try Row.fetchOne(statement, arguments: [call]).map { row in
      ClaimRow(
        row,
        at: 0,
        key: key,
        answers: try countAnswers(call, db),
        storeID: try storeID(db)
      )
    }
  }

  /// The row of a call; nil if it is unknown.
  static func callID(_ key: Digest, _ db: Database) throws -> Int64? {
    let statement = try db.cachedStatement(sql: "SELECT id FROM calls WHERE key = ?")
    return try Int64.fetchOne(statement, arguments: [key.blob])
  }
}
