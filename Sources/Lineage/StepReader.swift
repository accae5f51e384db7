import Primitives
import Store

/// Makes a step of what the store knows of an action.
struct StepReader {
  let tracer: Tracer

  /// - Parameters:
  ///   - key: The action.
  ///   - preimage: What the key is the digest of, if it is there.
  ///   - sources: What was consumed.
  ///   - run: The run whose record names things.
  ///   - name: The instance that is meant, where several have the key.
  /// - Returns: The step, with what is left of it in the store.
  /// - Throws: Damage of what is there.
  func step(
    _ key: Digest,
    _ preimage: JSON?,
    _ sources: [Source],
    _ run: RecordedRun?,
    named name: String?
  ) async throws -> Step {
    let all = run?.instances.filter { $0.key == key } ?? []
    let meant = all.filter { UTF8Order.equal($0.id, name ?? "") }
    let instances = meant + all.filter { !UTF8Order.equal($0.id, name ?? "") }
    let used = instances.first
    let result = try await tracer.result(key, used?.originRun ?? run?.id)
    let runID = used?.originRun ?? result?.runID ?? run?.id ?? ""
    let outputs = used.flatMap { $0.outputs.isEmpty ? nil : $0.outputs } ?? result?.outputs ?? []
    var names = instances.map(\.id)
    if names.isEmpty {
      names = try await tracer.store.results.instances(withKey: key).map(\.instance)
    }
    return Step(
      key: key,
      kind: preimage?["kind"]?.string ?? result?.kind ?? used?.kind ?? "action",
      kindVersion: preimage?["kind_version"]?.int,
      names: names,
      preimage: preimage ?? .null,
      settings: preimage?["settings"]?.object ?? JSONObject(),
      versions: preimage?["versions"]?.object ?? JSONObject(),
      outputs: outputs,
      contents: try await contents(outputs),
      facts: used?.facts ?? result?.facts.object ?? JSONObject(),
      origin: try await tracer.origin(runID),
      madeAt: result?.madeAt,
      sources: sources
    )
  }

  /// Parts that are read by people, in the order in which they are shown.
  private static let shown = [PartName.prompt, PartName.target, PartName.reading, PartName.chosen]
  /// A template with many worked examples is read with `get`.
  private static let largestShown = 1 << 20

  private func contents(
    _ outputs: [(part: String, object: ObjectRef)]
  ) async throws -> [(part: String, json: JSON)] {
    var contents: [(part: String, json: JSON)] = []
    for output in outputs
    where Self.shown.contains(output.part) && output.object.size <= Self.largestShown {
      // A part that is gone is no reason not to tell the rest; `cache verify` names it.
      guard tracer.store.objects.contains(output.object) else { continue }
      let bytes = try await tracer.store.objects.read(output.object)
      guard let json = try? JSON(parsing: bytes) else { continue }
      contents.append((output.part, json))
    }
    return contents
  }
}
