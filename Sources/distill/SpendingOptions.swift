import ArgumentParser
import Diagnostics
import ModelService
import Primitives
import Store
import Workflow

/// What one run may spend, and what becomes of its calls in doubt.
struct SpendingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most that the calls of this run may cost, in US dollars.",
      valueName: "usd"
    )
  )
  var maxCost: Dollars?

  @Option(
    help: ArgumentHelp(
      "What becomes of calls that may have been paid and have no answer; as the workflow says "
        + "where not given.",
      valueName: "policy"
    )
  )
  var inDoubt: InDoubtChoice?

  /// An amount above zero, `5`, `0.25` or `5 USD`.
  struct Dollars: ExpressibleByArgument {
    let amount: Money

    init?(argument: String) {
      let text = argument.hasSuffix(" USD") ? String(argument.dropLast(4)) : argument
      guard let usd = Double(text), usd > 0, usd.isFinite else { return nil }
      amount = Money(usd: usd)
    }
  }

  /// Ends with 2 if a price that `--max-cost` needs is not known.
  func check(_ workflow: CheckedWorkflow, _ common: CommonOptions) throws {
    guard maxCost != nil else { return }
    let problems = PriceRule.problems(in: workflow.expansion, under: .maxCost)
    guard problems.isEmpty else {
      ProblemOutput.show(problems, common)
      throw ExitStatus.usage
    }
  }
}

extension InDoubtChoice: ExpressibleByArgument {}

/// The terms on which a workflow's calls are made.
struct SpendingTerms {
  /// Who pays, whichever run it is.
  let account: String
  let budgets: [Budget]
  let policy: CallPolicy

  /// Those of a workflow, narrowed for one run by what was typed.
  init(_ workflow: CheckedWorkflow, runID: String? = nil, options: SpendingOptions? = nil) {
    account = workflow.name
    var budgets = workflow.budget.map { [Budget(account: workflow.name, limit: $0)] } ?? []
    if let runID, let limit = options?.maxCost?.amount {
      budgets.append(Budget(account: Budget.run(runID), limit: limit))
    }
    self.budgets = budgets
    let choice = options?.inDoubt ?? workflow.inDoubt
    policy = CallPolicy(inDoubt: choice.map(Self.policy) ?? .once)
  }

  private static func policy(_ choice: InDoubtChoice) -> InDoubtPolicy {
    switch choice {
    case .ask: .ask
    case .resend: .resend
    case .skip: .skip
    }
  }
}
