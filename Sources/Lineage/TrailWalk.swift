import Primitives
import Store

/// Goes from an action to those that made what it consumed, each once.
struct TrailWalk {
  let tracer: Tracer
  private(set) var steps: [Step] = []
  private var seen: Set<Digest> = []

  init(tracer: Tracer) { self.tracer = tracer }

  /// Adds an action and everything behind it; `run` is the one whose record names things.
  mutating func visit(_ key: Digest, _ run: RecordedRun?) async throws {
    guard seen.insert(key).inserted else { return }
    let preimage = try await tracer.store.results.preimage(key)
    let maker = SourceFinder(tracer: tracer, run: run)
    let found = try await maker.sources(of: key, preimage)
    steps.append(try await step(key, preimage, found.map(\.source), run))
    for next in found {
      guard let (key, record) = next.maker else { continue }
      try await visit(key, record)
    }
  }

  private func step(
    _ key: Digest,
    _ preimage: JSON?,
    _ sources: [Source],
    _ run: RecordedRun?
  ) async throws -> Step {
    let instances = run?.instances.filter { $0.key == key } ?? []
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
