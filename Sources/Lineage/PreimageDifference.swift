package import Primitives
import Store

/// What two preimages of one instance do not share: why it has another key.
package struct PreimageDifference: Sendable {
  /// Settings, the kind and its version, versions of readers, readings and metrics.
  package let settings: [ValueChange]
  /// Files by slot.
  package let files: [ValueChange]
  /// Models by slot.
  package let models: [ValueChange]
  /// What other instances made, by slot.
  package let inputs: [ValueChange]

  package init(_ old: JSON, _ new: JSON) {
    settings =
      ValueChange.all(old["settings"], new["settings"])
      + ValueChange.all(Self.kind(old), Self.kind(new))
      + ValueChange.all(old["versions"], new["versions"], prefix: "version of ")
    files = ValueChange.all(old["files"], new["files"])
    models = ValueChange.all(old["models"], new["models"])
    inputs = ValueChange.all(old["inputs"], new["inputs"])
  }

  private static func kind(_ preimage: JSON) -> JSON {
    guard let kind = preimage["kind"] else { return [:] }
    return ["kind": kind, "kind version": preimage["kind_version"] ?? .null]
  }
}

extension Tracer {
  /// One action alone, without those behind it.
  package func step(
    of instance: RecordedInstance,
    in run: RecordedRun
  ) async throws -> Step? {
    guard let key = instance.key else { return nil }
    let preimage = try await store.results.preimage(key)
    let finder = SourceFinder(tracer: self, run: run, consumerName: instance.id)
    let sources = try await finder.sources(of: key, preimage).map(\.source)
    return try await StepReader(tracer: self)
      .step(key, preimage, sources, run, named: instance.id)
  }

  /// What had changed since the key that the instance had before; nil where it had none, or one of
  /// the two is gone.
  package func changes(of instance: RecordedInstance) async throws -> PreimageDifference? {
    guard let key = instance.key, let before = instance.previousKey,
      let old = try await store.results.preimage(before),
      let new = try await store.results.preimage(key)
    else { return nil }
    return PreimageDifference(old, new)
  }

  /// The names that servers gave each model of a run, by the model's identity, as canonical JSON.
  ///
  /// Of a result that was there already they are those that the run which made it saw.
  package func servedModels(of run: RecordedRun) async throws -> [String: [String]] {
    var served: [String: [String]] = [:]
    for instance in run.instances where !instance.calls.servedModels.isEmpty {
      guard let key = instance.key, let preimage = try await store.results.preimage(key),
        let identity = preimage["models"]?["model"]?.canonicalText
      else { continue }
      let known = served[identity] ?? []
      served[identity] = known + instance.calls.servedModels.filter { !known.contains($0) }
    }
    return served
  }
}
