import Engine
import Execution
import Foundation
import ModelServer
import ModelService
import Primitives
import Store
import Synchronization
import TinyLlama
import Transfer
import Workflow

/// Knows the models of a run: who they are, and where they are to be reached.
final class ModelCatalog: ModelDirectory {
  let calls: CallService
  private let objects: ObjectStore
  private let share: ShareFolder
  private let server: EmbeddedServer
  /// Makes tuned models answer where they do not by themselves; nil where nothing may be begun that
  /// costs.
  private let deployments: DeploymentService?
  private let known = Mutex<[String: ModelReference]>([:])

  init(
    calls: CallService,
    objects: ObjectStore,
    share: ShareFolder,
    server: EmbeddedServer,
    deployments: DeploymentService?
  ) {
    self.calls = calls
    self.objects = objects
    self.share = share
    self.server = server
    self.deployments = deployments
  }

  func reference(to declaration: ModelDeclaration) async throws -> ModelReference {
    if let reference = known.withLock({ $0[declaration.name] }) { return reference }
    let reference: ModelReference
    switch declaration.source {
    case .embedded(let checkpoint):
      let digest = try await CheckpointStore.importFolder(folder(of: checkpoint), into: objects)
      reference = Self.reference(to: digest, declaration)
    case .endpoint(let endpoint):
      reference = ModelReference(
        declaration: declaration,
        target: .endpoint(endpoint),
        identity: try Self.identity(of: endpoint).json
      )
    }
    known.withLock { $0[declaration.name] = reference }
    return reference
  }

  func reference(
    toTuned json: JSON,
    output: Digest,
    base: ModelReference
  ) throws -> ModelReference {
    if let hex = json["checkpoint"]?.string, let digest = Digest(hex: hex) {
      return Self.reference(to: digest, base.declaration)
    }
    guard let name = json["tuned"]?.string, let endpoint = Self.endpoint(of: base) else {
      preconditionFailure("BUG: a model object holds '\(json.canonicalText)'")
    }
    return ModelReference(
      declaration: base.declaration,
      target: .tuned(endpoint, name: name),
      identity: ModelIdentity.tuned(output).json
    )
  }

  func endpoint(for model: ModelReference) async throws -> ModelEndpoint {
    let identity = ModelIdentity(json: model.identity)
    switch model.target {
    case .checkpoint(let digest):
      return try ModelEndpoint(
        address: ServiceAddress(unixSocket: try await server.socket()),
        model: CheckpointManifest.modelName(of: digest),
        identity: identity,
        limits: Self.limits(model.declaration.limits, concurrency: EmbeddedServer.concurrency)
      )
    case .endpoint(let endpoint):
      return try Self.modelEndpoint(endpoint, endpoint.model, model, identity)
    case .tuned(let endpoint, let name):
      let deployed = try await deployed(name, endpoint)
      return try Self.modelEndpoint(endpoint, deployed, model, identity)
    }
  }

  /// The name under which a tuned model is asked: its own, or that of its deployment.
  private func deployed(
    _ name: String,
    _ endpoint: ModelDeclaration.Endpoint
  ) async throws -> String {
    guard let declared = endpoint.deployment, let deployments else { return name }
    let plan = DeploymentPlan(
      subscription: declared.subscription,
      resourceGroup: declared.resourceGroup,
      account: declared.account,
      name: declared.name,
      sku: declared.sku,
      capacity: declared.capacity,
      hourly: declared.hourly,
      token: KeySources.source(declared.token),
      management: try declared.management.map { try ServiceAddress(baseURL: $0) }
    )
    return try await deployments.deploy(name, by: plan).name
  }

  private func folder(of checkpoint: ModelDeclaration.EmbeddedCheckpoint) -> String {
    switch checkpoint {
    case .shipped(let name): "\(share.models)/\(name)"
    case .folder(let path): path
    }
  }

  private static func reference(
    to digest: Digest,
    _ declaration: ModelDeclaration
  ) -> ModelReference {
    ModelReference(
      declaration: declaration,
      target: .checkpoint(digest),
      identity: ModelIdentity.checkpoint(digest, runtime: TinyLlamaRuntime.version).json
    )
  }

  private static func endpoint(of model: ModelReference) -> ModelDeclaration.Endpoint? {
    switch model.target {
    case .endpoint(let endpoint), .tuned(let endpoint, _): endpoint
    case .checkpoint: nil
    }
  }

  private static func identity(of endpoint: ModelDeclaration.Endpoint) throws -> ModelIdentity {
    if let name = endpoint.identity { return .named(name, revision: endpoint.revision) }
    return .endpoint(
      try ServiceAddress(baseURL: endpoint.baseURL),
      model: endpoint.model,
      revision: endpoint.revision
    )
  }

  /// What is asked at somebody's endpoint, under the terms that the workflow declares for it.
  private static func modelEndpoint(
    _ endpoint: ModelDeclaration.Endpoint,
    _ name: String,
    _ model: ModelReference,
    _ identity: ModelIdentity
  ) throws -> ModelEndpoint {
    let address = try ServiceAddress(baseURL: endpoint.baseURL)
    let limits = model.declaration.limits
    return try ModelEndpoint(
      address: address,
      model: name,
      identity: identity,
      apiKey: endpoint.apiKey.map(KeySources.source),
      limits: Self.limits(limits, concurrency: CallLimits().concurrency),
      dialect: dialect(of: endpoint, at: address),
      pricing: model.pricing,
      transfer: transfer(endpoint, limits)
    )
  }

  private static func limits(
    _ declared: ModelDeclaration.Limits,
    concurrency: Int
  ) -> CallLimits {
    CallLimits(
      concurrency: declared.concurrency ?? concurrency,
      requestsPerMinute: declared.requestsPerMinute,
      tokensPerMinute: declared.tokensPerMinute
    )
  }

  private static func dialect(
    of endpoint: ModelDeclaration.Endpoint,
    at address: ServiceAddress
  ) -> Dialect {
    switch endpoint.provider {
    case .openAI: .usual(for: address)
    case .azureOpenAI(let version): .azure(apiVersion: version)
    }
  }

  private static func transfer(
    _ endpoint: ModelDeclaration.Endpoint,
    _ limits: ModelDeclaration.Limits
  ) -> TransferLimits {
    var transfer = TransferLimits()
    if let timeout = limits.timeout { transfer.total = .seconds(timeout) }
    if endpoint.http == 2 { transfer.version = .http2 }
    return transfer
  }
}

/// Where secrets are found, as the workflow says it and as the service takes it.
enum KeySources {
  static func source(_ declared: ModelDeclaration.APIKeySource) -> ModelService.APIKeySource {
    switch declared {
    case .environment(let variable): .environment(variable)
    case .file(let path): .file(path)
    case .command(let words): .command(words)
    }
  }
}
