import Primitives
import Store

/// Makes calls against one budget until it is used up, and ends them in every way there is.
struct Spender {
  static let budget = Budget(account: "shared", limit: Money(usd: 1))

  let ledger: Ledger

  func spendAll() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask { while try await spend() {} }
      }
      try await group.waitForAll()
    }
  }

  /// One call out of a few thousand; false when the budget does not hold it.
  private func spend() async throws -> Bool {
    let worst = Int64.random(in: 100_000...2_000_000)
    let request = CallRequest(
      key: Digest(of: "call \(Int.random(in: 0..<4000))"),
      model: "test://model",
      request: Array("{}".utf8),
      runID: "run-\(Int.random(in: 0..<3))",
      reserve: Money(nanos: worst),
      account: Self.budget.account,
      budgets: [Self.budget]
    )
    switch try await ledger.claim(request, fresh: Bool.random(), resendInDoubt: Bool.random()) {
    case .overBudget: return false
    case .granted(let attempt): try await end(attempt, worst)
    case .recorded, .heldByOther, .inDoubt, .inBatch: break
    }
    return true
  }

  private func end(_ attempt: Attempt, _ worst: Int64) async throws {
    switch Int.random(in: 0..<10) {
    case 0: try await ledger.release(attempt, .declined)
    case 1: try await ledger.leaveInDoubt(attempt, detail: nil)
    case 2: try await settle(attempt, .rejected, cost: nil)
    case 3: try await settle(attempt, .answered, cost: nil)
    default: try await settle(attempt, .answered, cost: Money(nanos: .random(in: 0...worst)))
    }
  }

  private func settle(_ attempt: Attempt, _ outcome: Outcome, cost: Money?) async throws {
    try await ledger.settle(
      attempt,
      outcome,
      body: Array("text".utf8),
      servedModel: nil,
      tokens: TokenCounts(),
      cost: cost
    )
  }
}

/// What the rows of a ledger come to, counted by the rule of docs/store.md alone.
enum Recount {
  private static let sql = """
    WITH items (payer, cost, reserved) AS (
      SELECT payer, cost_nanos, reserved_nanos FROM attempts
        WHERE outcome NOT IN ('not-sent', 'declined')
      UNION ALL SELECT payer, NULL, reserved_nanos FROM claims
      UNION ALL SELECT payer, cost_nanos, reserved_nanos FROM jobs),
    sums (id, settled, reserved, unpriced) AS (
      SELECT a.id, coalesce(sum(i.cost), 0),
        coalesce(sum(CASE WHEN i.cost IS NULL THEN i.reserved END), 0),
        coalesce(sum(i.cost IS NULL AND i.reserved IS NULL), 0)
      FROM accounts a JOIN payers p ON a.name IN (p.account, 'run:' || p.run)
        JOIN items i ON i.payer = p.id GROUP BY a.id)
    SELECT a.name, a.settled_nanos, a.reserved_nanos, a.unpriced, s.settled, s.reserved, s.unpriced
    FROM accounts a LEFT JOIN sums s ON s.id = a.id
    WHERE a.settled_nanos <> coalesce(s.settled, 0)
      OR a.reserved_nanos <> coalesce(s.reserved, 0) OR a.unpriced <> coalesce(s.unpriced, 0)
    """

  /// The accounts whose totals are not those of their attempts and jobs, one a line.
  static func differences(_ store: String) throws -> String {
    try runSQLite("\(store)/ledger.sqlite", sql)
  }
}
