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
    let found = try await SourceFinder(tracer: tracer, run: run).sources(of: key, preimage)
    let reader = StepReader(tracer: tracer)
    steps.append(try await reader.step(key, preimage, found.map(\.source), run))
    for next in found {
      guard let (key, record) = next.maker else { continue }
      try await visit(key, record)
    }
  }
}
