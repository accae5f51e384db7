package import Primitives
import Store

/// What was made from some bytes, and from that in turn: each action once.
package struct Offspring: Sendable {
  /// A use of bytes: by which action, in which slot of its settings.
  package struct Use: Hashable, Sendable {
    package let slot: String
    package let key: Digest
  }

  /// Of the bytes asked about.
  package let uses: [Use]
  package let steps: [Step]
  private let usesOfSteps: [Digest: [Use]]

  init(uses: [Use], steps: [Step], usesOfSteps: [Digest: [Use]]) {
    self.uses = uses
    self.steps = steps
    self.usesOfSteps = usesOfSteps
  }

  package subscript(key: Digest) -> Step? { steps.first { $0.key == key } }

  package func uses(of key: Digest) -> [Use] { usesOfSteps[key] ?? [] }
}

extension Tracer {
  /// What was made from objects, in this store, by any run.
  ///
  /// Reads the preimage of every result: a few milliseconds for a hundred of them.
  package func offspring(of digests: Set<Digest>) async throws -> Offspring {
    let index = try await UseIndex(store)
    let uses = index.uses(of: digests)
    var steps: [Step] = []
    var usesOfSteps: [Digest: [Offspring.Use]] = [:]
    var waiting = Array(uses.map(\.key).reversed())
    while let key = waiting.popLast() {
      guard usesOfSteps[key] == nil else { continue }
      let result = try await result(key, nil)
      let record = try await result.flatMapAsync { try await records.record($0.runID) }
      let step = try await StepReader(tracer: self).step(
        key,
        index.preimages[key],
        [],
        record,
        named: nil
      )
      steps.append(step)
      let made = try await store.results.all(for: key).flatMap(\.outputs).map(\.object.digest)
      let next = index.uses(of: Set(made)).filter { $0.key != key }
      usesOfSteps[key] = next
      waiting += next.map(\.key).reversed()
    }
    return Offspring(uses: uses, steps: steps, usesOfSteps: usesOfSteps)
  }
}

/// Which actions consumed an object.
private struct UseIndex {
  private(set) var preimages: [Digest: JSON] = [:]
  private var uses: [Digest: [Offspring.Use]] = [:]
  /// The order in which results were first recorded.
  private var order: [Digest: Int] = [:]

  init(_ store: Store) async throws {
    for key in try await store.results.keys() {
      guard let preimage = try await store.results.preimage(key) else { continue }
      order[key] = order.count
      preimages[key] = preimage
      for section in ["inputs", "files", "models"] {
        for member in preimage[section]?.object?.members ?? [] {
          for digest in Set(Self.digests(in: member.value)) {
            uses[digest, default: []].append(Offspring.Use(slot: member.key, key: key))
          }
        }
      }
    }
  }

  func uses(of digests: Set<Digest>) -> [Offspring.Use] {
    var seen: Set<Offspring.Use> = []
    return digests.flatMap { uses[$0] ?? [] }.filter { seen.insert($0).inserted }.sorted {
      let (left, right) = (order[$0.key] ?? 0, order[$1.key] ?? 0)
      return left != right ? left < right : UTF8Order.less($0.slot, $1.slot)
    }
  }

  private static func digests(in json: JSON) -> [Digest] {
    switch json {
    case .string(let text): Digest(hex: text).map { [$0] } ?? []
    case .object(let object): object.members.flatMap { digests(in: $0.value) }
    case .array(let elements): elements.flatMap(digests)
    default: []
    }
  }
}

extension Optional {
  fileprivate func flatMapAsync<Value>(
    _ body: (Wrapped) async throws -> Value?
  ) async rethrows -> Value? {
    guard let self else { return nil }
    return try await body(self)
  }
}
