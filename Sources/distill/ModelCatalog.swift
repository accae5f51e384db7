import Engine
import Execution
import Foundation
import ModelServer
import ModelService
import Primitives
import Store
import Synchronization
import TinyLlama
import Workflow

/// Knows the models of a run: who they are, and where they are to be reached.
final class ModelCatalog: ModelDirectory {
  let calls: CallService
  private let objects: ObjectStore
  private let share: ShareFolder
  private let server: EmbeddedServer
  private let known = Mutex<[String: ModelReference]>([:])

  init(calls: CallService, objects: ObjectStore, share: ShareFolder, server: EmbeddedServer) {
    self.calls = calls
    self.objects = objects
    self.share = share
    self.server = server
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
    let limits = model.declaration.limits
    var calls = CallLimits()
    if let concurrency = limits.concurrency { calls.concurrency = concurrency }
    calls.requestsPerMinute = limits.requestsPerMinute
    switch model.target {
    case .checkpoint(let digest):
      if limits.concurrency == nil { calls.concurrency = EmbeddedServer.concurrency }
      return try ModelEndpoint(
        address: ServiceAddress(unixSocket: try await server.socket()),
        model: CheckpointManifest.modelName(of: digest),
        identity: identity,
        limits: calls
      )
    case .endpoint(let endpoint):
      return try Self.modelEndpoint(endpoint, endpoint.model, identity, calls, limits.timeout)
    case .tuned(let endpoint, let name):
      return try Self.modelEndpoint(endpoint, name, identity, calls, limits.timeout)
    }
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

  private static func modelEndpoint(
    _ endpoint: ModelDeclaration.Endpoint,
    _ name: String,
    _ identity: ModelIdentity,
    _ limits: CallLimits,
    _ timeout: Double?
  ) throws -> ModelEndpoint {
    let key: ModelService.APIKeySource? = endpoint.apiKey.map { source in
      switch source {
      case .environment(let variable): .environment(variable)
      case .file(let path): .file(path)
      case .command(let words): .command(words)
      }
    }
    return try ModelEndpoint(
      address: ServiceAddress(baseURL: endpoint.baseURL),
      model: name,
      identity: identity,
      apiKey: key,
      limits: limits
    )
  }
}
