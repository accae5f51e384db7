import ArgumentParser
import Engine
import Execution
import Primitives
import Store
import Workflow

/// Shows what a run would do and what it would cost; sends nothing unless a pilot is asked for.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a run would reuse and do, why, which calls it would make, and their cost.",
    discussion: """
      With --sample it asks about the first rows of each node whose inputs are known, within the \
      workflow's budget, and tells from the answers what the rest will cost. The answers are kept: \
      the run does not ask for them again.
      """
  )

  @OptionGroup var options: WorkflowOptions

  @Option(help: ArgumentHelp("Make the calls of so many rows first.", valueName: "rows"))
  var sample: Int?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample wants 1 or more, not \(sample)") }
  }

  func run() async throws {
    let workflow = try Session.load(options, common)
    try await CommandErrors.handled {
      try await Session.with(workflow, common, isSpending: sample != nil) { session in
        let plan = try await session.engine.plan()
        guard plan.isComplete else {
          ProblemOutput.show(plan.problems + plan.warnings, common)
          throw ExitStatus.usage
        }
        if !common.quiet, !common.json { ProblemOutput.show(plan.warnings, common) }
        let budget = try await BudgetState.ofWorkflow(workflow, session.store.ledger)
        let report = PlanReport(plan: plan, workflow: workflow, budget: budget)
        if !common.json { Terminal.output(PlanText.full(report, cache: session.store.path)) }
        guard let sample else {
          if common.json { Terminal.output(PlanText.json(report, cache: session.store.path)) }
          return
        }
        let pilot = PilotRun(session: session, plan: plan, rows: sample, common: common)
        let pilots = try await pilot.run()
        if common.json {
          let json = PlanText.json(report, cache: session.store.path)
          Terminal.output(json.adding([("pilot", .array(pilots.map(PilotText.json)))]))
        }
      }
    }
  }
}

/// A plan and what it is held against.
struct PlanReport {
  let plan: Plan
  let workflow: CheckedWorkflow
  /// The workflow's budget, if it has one, and what is left of it.
  let budget: BudgetState?

  /// The calls of all instances whose inputs are known; nil where there are none.
  var calls: PlannedCalls? {
    let known = plan.entries.compactMap(\.calls)
    return known.isEmpty ? nil : known.reduce(PlannedCalls(), +)
  }

  /// Whether the known calls, at worst, do not fit into what is left of the budget.
  var mayPause: Bool {
    guard let budget, let calls, let cost = calls.cost else { return false }
    return budget.left < cost.upperBound
  }
}
