import Primitives
import Store

/// Finds who made what an action consumed.
struct SourceFinder {
  /// A source, and the action behind it with the run whose record names it.
  typealias Found = (source: Source, maker: (key: Digest, run: RecordedRun?)?)

  let tracer: Tracer
  let run: RecordedRun?

  /// The sources of an action: artifacts, files, models, each in the order of their slots.
  func sources(of key: Digest, _ preimage: JSON?) async throws -> [Found] {
    var found: [Found] = []
    let instance = run?.instances.first { $0.key == key }
    for input in preimage?["inputs"]?.object?.members ?? [] {
      found.append(
        try await artifact(input.key, input.value, named: instance?.source(of: input.key), key)
      )
    }
    for file in preimage?["files"]?.object?.members ?? [] {
      guard let digest = file.value.string.flatMap({ Digest(hex: $0) }) else { continue }
      found.append((Source(slot: file.key, origin: .file(self.file(digest))), nil))
    }
    for model in preimage?["models"]?.object?.members ?? [] {
      found.append(try await self.model(model.key, model.value))
    }
    return found
  }

  // MARK: - Artifacts

  private func artifact(
    _ slot: String,
    _ input: JSON,
    named: String?,
    _ consumer: Digest
  ) async throws -> Found {
    let parts = Self.parts(input)
    // A wide reference has the instance's name in the key itself.
    let name = input["@instance"]?.string ?? named
    let maker =
      try await maker(of: parts, named: name, consumer)
      // Files that no part names, as a command with an empty output has: the name alone.
      ?? name.flatMap { name in run?[name]?.key.map { ($0, run) } }
    guard let maker else { return (Source(slot: slot, origin: .unknown(parts)), nil) }
    return (Source(slot: slot, origin: .step(maker.key, parts: parts.map(\.part))), maker)
  }

  /// The digests of an input by part, without the members that say where it stands.
  static func parts(_ input: JSON) -> [(part: String, digest: Digest)] {
    (input.object?.members ?? []).compactMap { member in
      guard !member.key.utf8.starts(with: "@".utf8),
        let digest = member.value.string.flatMap({ Digest(hex: $0) })
      else { return nil }
      return (member.key, digest)
    }
  }

  private func maker(
    of parts: [(part: String, digest: Digest)],
    named name: String?,
    _ consumer: Digest
  ) async throws -> (key: Digest, run: RecordedRun?)? {
    guard let first = parts.first else { return nil }
    let fitting = (run?.instances ?? []).filter { instance in
      instance.key != nil && instance.key != consumer
        && parts.allSatisfy { instance[$0.part]?.digest == $0.digest }
    }
    // Without a name the first in the workflow's order: what a later one hands on it has from there.
    let chosen = fitting.first { instance in
      name.map { UTF8Order.equal($0, instance.id) } ?? true
    }
    if let key = (chosen ?? fitting.first)?.key { return (key, run) }
    let result = try await tracer.store.results.results(withOutput: first.digest).first { result in
      parts.allSatisfy { result[$0.part]?.digest == $0.digest }
    }
    guard let result else { return nil }
    return (result.key, try await tracer.records.record(result.runID))
  }

  // MARK: - Files and models

  private func file(_ digest: Digest) -> FileTrail {
    let files = run?.files.filter { $0.object.digest == digest } ?? []
    return FileTrail(
      digest: digest,
      paths: files.map(\.path),
      size: files.first?.object.size ?? tracer.store.objects.find(digest)?.size,
      git: files.first.flatMap { run?.gitInput(ofFileAt: $0.path) }
    )
  }

  private func model(_ slot: String, _ identity: JSON) async throws -> Found {
    let maker = try await tuner(of: identity)
    let trail = ModelTrail(
      identity: identity,
      declared: run?.models.filter { $0.identity == identity } ?? [],
      maker: maker?.key
    )
    return (Source(slot: slot, origin: .model(trail)), maker)
  }

  /// The action that tuned a model: its result holds the checkpoint, or the provider's name for it.
  private func tuner(of identity: JSON) async throws -> (key: Digest, run: RecordedRun?)? {
    for (member, part) in [("checkpoint", PartName.manifest), ("tuned", PartName.model)] {
      guard let digest = identity[member]?.string.flatMap({ Digest(hex: $0) }) else { continue }
      let made = run?.instances.first { $0[part]?.digest == digest }
      if let key = made?.key { return (key, run) }
      let result = try await tracer.store.results.results(withOutput: digest).first {
        $0[part]?.digest == digest
      }
      guard let result else { return nil }
      return (result.key, try await tracer.records.record(result.runID))
    }
    return nil
  }
}

extension RecordedInstance {
  /// The instance that a slot refers to, where the record says so.
  func source(of slot: String) -> String? { json["sources"]?[slot]?.string }
}
