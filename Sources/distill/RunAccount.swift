import Engine
import Execution
import Primitives
import Store
import Workflow

/// What a run leaves to be told besides its outcomes: budgets, bad answers, jobs that go on.
struct RunAccount {
  /// Answers that are no training data, by state, of all instances that ran or were reused.
  let badAnswers: [String: Int]
  /// Instances that a budget or a quota stopped; the engine's summary counts them as failed.
  let paused: Int
  /// What the run's calls and jobs came to, by the ledger.
  let spent: Spending
  let budgets: [BudgetState]
  /// Jobs of the run, or of its workflow, that have not ended at their services.
  let openJobs: [RemoteJob]
  /// Messages of outcomes, which people have read by then.
  private let told: [String]

  static func read(
    _ outcomes: [InstanceOutcome],
    _ terms: SpendingTerms,
    runID: String,
    _ ledger: Ledger
  ) async throws -> RunAccount {
    var states: [String: Int] = [:]
    for outcome in outcomes { states.merge(AnswerStates.counts(in: outcome.facts)) { $0 + $1 } }
    var budgets: [BudgetState] = []
    for budget in terms.budgets {
      let spending = try await ledger.spending(account: budget.account)
      budgets.append(BudgetState(budget: budget, spending: spending))
    }
    return RunAccount(
      badAnswers: AnswerStates.bad(states),
      paused: outcomes.count { $0.failure?.reason == .paused },
      spent: try await ledger.spending(account: Budget.run(runID)),
      budgets: budgets,
      openJobs: try await OpenJobs.of(runID: runID, account: terms.account, in: ledger),
      told: outcomes.compactMap { $0.failure?.message }
    )
  }

  /// The open jobs that no outcome's message has named.
  var untoldJobs: [RemoteJob] {
    openJobs.filter { job in !told.contains { $0.contains(job.tag) } }
  }

  /// Members that the last line of `run --json` has beside those of the engine's summary.
  var json: [(key: String, value: JSON)] {
    [
      ("bad_answers", AnswerStates.json(badAnswers)),
      ("budgets", .array(budgets.map(\.json))),
      ("open_jobs", .array(openJobs.map { .string($0.tag) })),
    ]
  }
}

/// A limit, and how much of it is taken.
struct BudgetState {
  let budget: Budget
  let spending: Spending

  /// The budget that a workflow declares; nil if it declares none.
  static func ofWorkflow(
    _ workflow: CheckedWorkflow,
    _ ledger: Ledger
  ) async throws -> BudgetState? {
    guard let limit = workflow.budget else { return nil }
    let budget = Budget(account: workflow.name, limit: limit)
    return BudgetState(
      budget: budget,
      spending: try await ledger.spending(account: budget.account)
    )
  }

  /// What may still be spent.
  var left: Money { max(.zero, budget.limit - spending.committed) }

  /// `budget: 12.40 USD spent, 0.10 USD set aside, of 20.00 USD`.
  var text: String {
    var parts = ["\(spending.settled) spent"]
    if spending.reserved > .zero {
      parts.append("\(spending.reserved) set aside for what has no known cost")
    }
    return "\(name): \(parts.joined(separator: ", ")), of \(budget.limit)"
  }

  private var name: String {
    isOfRun ? "--max-cost" : "budget of '\(ForeignText.line(budget.account))'"
  }

  private var isOfRun: Bool { budget.account.hasPrefix(Budget.run("")) }

  var json: JSON {
    [
      "account": .string(budget.account), "limit_usd": .number(budget.limit.usd),
      "spent_usd": .number(spending.settled.usd), "reserved_usd": .number(spending.reserved.usd),
      "unpriced": JSON(spending.unpriced),
    ]
  }
}
