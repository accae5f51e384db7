import Diagnostics
import Workflow

/// What a workflow may say already and this version does not act on: never silently.
enum Unenforced {
  static func warnings(_ workflow: CheckedWorkflow) -> [Problem] {
    var warnings: [Problem] = []
    if let budget = workflow.budget {
      warnings.append(
        Problem(
          "the budget of \(MoneyText.of(budget)) is not enforced by this version",
          at: nil,
          severity: .warning,
          hint: "'distill plan' shows the calls to make; 'limit' on a dataset keeps a run small"
        )
      )
    }
    let models = workflow.expansion.models.values.sorted { $0.name < $1.name }
    for model in models where model.limits.tokensPerMinute != nil {
      warnings.append(
        Problem(
          "'tokens_per_minute' of model '\(model.name)' is not enforced by this version",
          at: model.location,
          severity: .warning,
          hint: "'requests_per_minute' and 'concurrency' are"
        )
      )
    }
    return warnings
  }
}
