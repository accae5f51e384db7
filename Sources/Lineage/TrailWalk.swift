import Primitives
import Store

/// Goes from an action to those that made what it consumed, each once.
struct TrailWalk {
  let tracer: Tracer
  private(set) var steps: [Step] = []
  private var seen: Set<Digest> = []

  init(tracer: Tracer) { self.tracer = tracer }

  /// Adds an action and everything behind it.
  ///
  /// - Parameters:
  ///   - key: The action.
  ///   - run: The run whose record names things.
  ///   - name: The instance that is meant, where several have the key.
  /// - Throws: What the store throws.
  mutating func visit(_ key: Digest, _ run: RecordedRun?, named name: String?) async throws {
    guard seen.insert(key).inserted else { return }
    let preimage = try await tracer.store.results.preimage(key)
    let finder = SourceFinder(tracer: tracer, run: run, consumerName: name)
    let found = try await finder.sources(of: key, preimage)
    let reader = StepReader(tracer: tracer)
    steps.append(try await reader.step(key, preimage, found.map(\.source), run, named: name))
    for case let maker? in found.map(\.maker) {
      try await visit(maker.key, maker.run, named: maker.name)
    }
  }
}
