import Diagnostics
import Primitives

/// Where on Azure a tuned model is made to answer, and what that costs.
package struct DeploymentPlan: Hashable, Sendable {
  package var subscription: String
  package var resourceGroup: String
  /// The Azure OpenAI resource.
  package var account: String
  /// The deployment's name, which calls then ask for; nil takes one that is made of the model's.
  package var name: String?
  package var sku: String
  package var capacity: Int
  /// US dollars an hour, from the moment it stands until it is deleted; nil is unknown.
  package var hourly: Double?
  /// Where the Bearer token of the management plane is found.
  package var token: APIKeySource
  /// The management plane; another one in tests and in national clouds.
  package var management: ServiceAddress

  package init(
    subscription: String,
    resourceGroup: String,
    account: String,
    name: String? = nil,
    sku: String = "standard",
    capacity: Int = 1,
    hourly: Double? = nil,
    token: APIKeySource,
    management: ServiceAddress? = nil
  ) {
    self.subscription = subscription
    self.resourceGroup = resourceGroup
    self.account = account
    self.name = name
    self.sku = sku
    self.capacity = capacity
    self.hourly = hourly
    self.token = token
    self.management = management ?? Self.azure
  }

  private static let azure: ServiceAddress = {
    do {
      return try ServiceAddress(baseURL: "https://management.azure.com")
    } catch {
      preconditionFailure("BUG: the address of Azure's management plane is none: \(error)")
    }
  }()

  /// The name for a model's deployment: at most 64 of the characters that Azure takes.
  func deploymentName(of model: String) -> String {
    name ?? "distill-\(Digest(of: "\(account)/\(model)").hex.prefix(16))"
  }

  /// The path of the deployment, with the version of the API that its body is written for
  /// (Microsoft Learn, "Deployments - Create Or Update", 2023-05-01).
  func path(of model: String) -> String {
    let parts = [
      "subscriptions", subscription, "resourceGroups", resourceGroup, "providers",
      "Microsoft.CognitiveServices", "accounts", account, "deployments", deploymentName(of: model),
    ]
    let path = parts.map { "/\(PercentEncoding.segment($0))" }.joined()
    return "\(path)?api-version=2023-05-01"
  }

  /// The body of the PUT that deploys a tuned model, whose version is always 1.
  func body(for model: String) -> [UInt8] {
    let body: JSON = [
      "sku": ["name": .string(sku), "capacity": JSON(capacity)],
      "properties": [
        "model": ["format": "OpenAI", "name": .string(model), "version": "1"]
      ],
    ]
    return Array(body.compactText.utf8)
  }

  /// The management plane as something to ask: the token goes as a Bearer token.
  func endpoint() throws(Problem) -> ModelEndpoint {
    try ModelEndpoint(
      address: management,
      model: account,
      identity: .endpoint(management, model: account, revision: nil),
      apiKey: token,
      dialect: .openAI()
    )
  }
}

/// A tuned model that answers.
package struct DeployedModel: Equatable, Sendable {
  /// The name to ask for at the resource.
  package let name: String
  /// The job's tag, by which `distill jobs cancel` deletes it.
  package let tag: String
  /// US dollars an hour; nil is unknown.
  package let hourly: Double?
}

/// Why a tuned model does not answer.
package enum DeploymentError: Error, Sendable, CustomStringConvertible {
  case refused(name: String, message: String)
  case failed(name: String, message: String)
  /// Nothing was heard for long; it may be made yet, and then bills by the hour.
  case unreachable(name: String, tag: String, message: String)

  package var description: String {
    switch self {
    case .refused(let name, let message): "deployment '\(name)' was refused: \(message)"
    case .failed(let name, let message): "deployment '\(name)' failed: \(message)"
    case .unreachable(let name, let tag, let message):
      "deployment '\(name)' cannot be followed: \(message); it may stand, and then bills by the "
        + "hour: run again to use it, or delete it with 'distill jobs cancel \(tag)'"
    }
  }
}
