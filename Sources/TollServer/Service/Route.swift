/// Which operation a request asks for, and in which dialect.
struct Route: Sendable {
  enum Dialect: Sendable { case openAI, azure }

  let endpoint: Endpoint
  let dialect: Dialect
  let method: String
  /// What stands behind the dialect's prefix: `["fine_tuning", "jobs", "ftjob-1"]`.
  let steps: [String]
  /// The deployment that Azure's path names.
  let deployment: String?

  init(method: String, path: String) {
    self.method = method
    var steps = path.split(separator: "/").map(String.init)
    var dialect = Dialect.openAI
    var deployment: String?
    switch steps.first {
    case "openai" where steps.dropFirst().first == "v1": steps.removeFirst(2)
    case "openai":
      dialect = .azure
      steps.removeFirst()
      if steps.first == "deployments", steps.count > 2 {
        deployment = steps[1]
        steps.removeFirst(2)
      }
    case "v1": steps.removeFirst()
    // The management plane has paths of its own; anything else is offered nowhere.
    case "subscriptions": dialect = .azure
    default: steps = []
    }
    self.steps = steps
    self.dialect = dialect
    self.deployment = deployment
    endpoint = Self.endpoint(method, steps)
  }

  private static func endpoint(_ method: String, _ steps: [String]) -> Endpoint {
    let reads = method == "GET" || method == "HEAD"
    switch steps.first {
    case "chat" where steps == ["chat", "completions"]: return .chat
    case "models": return .models
    case "files": return reads ? .downloads : .files
    case "fine_tuning" where steps.dropFirst().first == "jobs": return reads ? .jobPolls : .jobs
    case "batches": return reads ? .batchPolls : .batches
    case "subscriptions": return .management
    default: return .other
    }
  }
}
