import Downloads
package import Execution
import Primitives
package import Store
package import Workflow

/// One workflow on one store, ready to be planned or run.
package struct Engine: Sendable {
  /// What stands for a run's id where a dataset or a template was prepared outside of one, by
  /// `plan`, `check` or `explain`.
  package static let planning = "plan"

  package let workflow: CheckedWorkflow
  let services: @Sendable (InstanceID) -> Services
  let store: Store
  let resolver: InputResolver
  /// Bytes and paths that the run is pinned to.
  package let files: PinnedFiles

  /// Digests the workflow's files and learns what its models are; nothing is sent.
  ///
  /// `templatePath` says where the library has a template, `services` what an instance runs with.
  package init(
    _ workflow: CheckedWorkflow,
    store: Store,
    directory: any ModelDirectory,
    templatePath: @Sendable (String) -> String?,
    services: @escaping @Sendable (InstanceID) -> Services
  ) async throws {
    self.workflow = workflow
    self.store = store
    self.services = services
    files = try await PinnedFiles.pin(
      workflow.expansion,
      templatePath: templatePath,
      store.statCache
    )
    resolver = InputResolver(workflow.expansion, directory: directory, files: files)
  }

  /// An instance with everything that its key needs.
  struct Keyed: Sendable {
    let instance: Instance
    let kind: any RunnableKind.Type
    let inputs: Inputs
    let preimage: JSON
    let key: Digest
    let bindings: [Binding]
  }

  /// Keys an instance whose dependencies have all yielded.
  func key(_ instance: Instance, _ yields: [InstanceID: Yield]) async throws -> Keyed {
    let kind = Self.runnable(instance)
    let inputs = try await resolver.inputs(of: instance, yields, store.objects)
    let bindings = resolver.bindings[instance.id] ?? []
    let preimage = ActionKey.preimage(
      of: instance,
      inputs,
      bindings,
      versions: try await kind.versions(of: instance, inputs)
    )
    return Keyed(
      instance: instance,
      kind: kind,
      inputs: inputs,
      preimage: preimage,
      key: Digest(of: preimage.canonical),
      bindings: bindings
    )
  }

  static func runnable(_ instance: Instance) -> any RunnableKind.Type {
    guard let kind = instance.kind as? any RunnableKind.Type else {
      preconditionFailure("BUG: kind '\(instance.kind.name)' cannot run")
    }
    return kind
  }

  /// Runs an instance and records its result; the caller has looked it up before.
  func execute(_ keyed: Keyed, _ services: Services) async throws -> Yield {
    _ = try await store.results.putPreimage(keyed.preimage)
    let output = OutputWriter(objects: store.objects)
    let outcome = try await keyed.kind.run(keyed.inputs, output, services)
    var facts = outcome.facts
    if !outcome.notes.isEmpty { facts["notes"] = .array(outcome.notes.map(JSON.string)) }
    let record = try await store.results.record(
      key: keyed.key,
      kind: keyed.kind.name,
      outputs: await output.collected,
      facts: .object(facts),
      runID: services.runID
    )
    return Yield(record)
  }

  /// Whether anything has to be fetched before the plan is known, and may be.
  package func hasToFetch() async throws -> Bool {
    for instance in workflow.expansion.instances where services(instance.id).sources.canFetch {
      if try await !missing(instance).isEmpty { return true }
    }
    return false
  }

  /// What an instance reads from elsewhere, and neither the store has nor this command may fetch.
  func toFetch(_ instance: Instance) async throws -> [RemoteSource] {
    services(instance.id).sources.canFetch ? [] : try await missing(instance)
  }

  private func missing(_ instance: Instance) async throws -> [RemoteSource] {
    let shelf = services(instance.id).sources
    var missing: [RemoteSource] = []
    for source in Self.runnable(instance).remoteSources(of: instance)
    where try await shelf.find(source) == nil {
      missing.append(source)
    }
    return missing
  }

  /// The result that is there already, if one is and counts: of what is to be made anew, only this
  /// run's own.
  func hit(_ keyed: Keyed) async throws -> Yield? {
    let yield = try await store.results.lookup(keyed.key).map(Yield.init)
    let services = services(keyed.instance.id)
    guard services.asking.isAnew, let made = yield?.originRun else { return yield }
    return made == services.runID ? yield : nil
  }
}
