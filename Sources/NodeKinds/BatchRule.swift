import Diagnostics
import Execution
import Workflow

/// Whom `mode: batch` cannot ask: said before a run, not in the middle of it.
enum BatchRule {
  static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    guard instance.settings.text("mode") == Questionnaire.Mode.batch.rawValue else { return [] }
    return ModelUse.all(of: instance, in: plan).compactMap { use in
      reason(use).map { reason in
        Problem(
          "'\(instance.node)' has 'mode: batch', but \(reason)",
          at: instance.settings["mode"]?.location ?? instance.location,
          hint: "remove 'mode': the calls then go one by one",
          notes: [Problem.Note("the model '\(use.model.name)'", at: use.model.location)]
        )
      }
    }
  }

  /// What is in a batch is known by its calls' keys, so an answer that is there cannot be bought
  /// again by one.
  static func check(_ inputs: Inputs, _ services: Services) throws {
    guard services.asking.isAnew,
      inputs.settings.text("mode") == Questionnaire.Mode.batch.rawValue
    else { return }
    throw NodeFailure(
      "'\(inputs.instance.id)' has 'mode: batch', and --fresh buys answers again one by one only",
      hint: "remove 'mode' for this run, or name other nodes with --fresh"
    )
  }

  private static func reason(_ use: ModelUse) -> String? {
    switch use.model.source {
    case .embedded: "model '\(use.model.name)' is served by the tool itself, which has no batch API"
    case .endpoint(let endpoint):
      if use.isTuned, case .azureOpenAI = endpoint.provider {
        "the batch API of Azure OpenAI takes no tuned models"
      } else {
        nil
      }
    }
  }
}
