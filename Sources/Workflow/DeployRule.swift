import Diagnostics

/// On Azure OpenAI a tuned model answers nobody until it is deployed, which bills by the hour: the
/// workflow has to say where, and who may.
enum DeployRule {
  static func problems(in expansion: Expansion) -> [Problem] {
    ModelUse.all(in: expansion).compactMap { use in
      guard use.isTuned, !use.isTraining, case .endpoint(let endpoint) = use.model.source,
        case .azureOpenAI = endpoint.provider, endpoint.deployment == nil
      else { return nil }
      return Problem(
        "'\(use.instance.node)' asks what was tuned of model '\(use.model.name)', which Azure "
          + "OpenAI must deploy first",
        at: use.instance.location,
        hint: "add 'deploy: {subscription: …, resource_group: …, account: …, token: {command: "
          + "[az, …]}}' to the model",
        notes: [Problem.Note("the model '\(use.model.name)'", at: use.model.location)]
      )
    }
  }
}
