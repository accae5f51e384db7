import Primitives
import Store

/// Finds who made what an action consumed.
struct SourceFinder {
  /// An action behind a source, with the run whose record names it, and the name it is meant by.
  struct Maker {
    let key: Digest
    let run: RecordedRun?
    let name: String?
  }

  typealias Found = (source: Source, maker: Maker?)

  let tracer: Tracer
  let run: RecordedRun?
  /// The name that the consumer is meant by; several instances may have its key.
  let consumerName: String?

  /// The sources of an action: artifacts, files, models, each in the order of their slots.
  func sources(of key: Digest, _ preimage: JSON?) async throws -> [Found] {
    var found: [Found] = []
    let instance = consumer(key)
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
      found.append(try await self.model(model.key, model.value, key))
    }
    return found
  }

  private func consumer(_ key: Digest) -> RecordedInstance? {
    let all = run?.instances.filter { $0.key == key } ?? []
    return all.first { UTF8Order.equal($0.id, consumerName ?? "") } ?? all.first
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
      ?? name.flatMap { name in
        run?[name]?.key.map { Maker(key: $0, run: run, name: name) }
      }
    guard let maker else { return (Source(slot: slot, origin: .unknown(parts)), nil) }
    let origin = Source.Origin.step(maker.key, parts: parts.map(\.part))
    return (Source(slot: slot, origin: origin, instance: maker.name), maker)
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
  ) async throws -> Maker? {
    guard let first = parts.first else { return nil }
    let fitting = (run?.instances ?? []).filter { instance in
      instance.key != nil && instance.key != consumer
        && parts.allSatisfy { instance[$0.part]?.digest == $0.digest }
    }
    if let chosen = choose(fitting, name, consumer), let key = chosen.key {
      return Maker(key: key, run: run, name: chosen.id)
    }
    let result = try await tracer.store.results.results(withOutput: first.digest).first { result in
      parts.allSatisfy { result[$0.part]?.digest == $0.digest }
    }
    guard let result else { return nil }
    return try await maker(result)
  }

  private func maker(_ result: ResultRecord) async throws -> Maker {
    Maker(key: result.key, run: try await tracer.records.record(result.runID), name: nil)
  }

  /// Of the instances with the very same bytes the one that was referred to.
  ///
  /// Records of releases that did not say which have the names alone: then it is the one at the point
  /// of the matrix nearest to the consumer's, the first of them in the workflow's order, since what a
  /// later one hands on it has from there.
  private func choose(
    _ fitting: [RecordedInstance],
    _ name: String?,
    _ consumer: Digest
  ) -> RecordedInstance? {
    if let name, let named = fitting.first(where: { UTF8Order.equal($0.id, name) }) { return named }
    let point = self.consumer(consumer)?.point ?? []
    return fitting.enumerated().max { left, right in
      let (one, other) = (left.element.nearness(to: point), right.element.nearness(to: point))
      return one != other ? one < other : left.offset > right.offset
    }?.element
  }

  // MARK: - Files and models

  private func file(_ digest: Digest) -> FileTrail {
    let files = run?.files.filter { $0.object.digest == digest } ?? []
    return FileTrail(
      digest: digest,
      paths: files.map(\.path),
      size: files.first?.object.size ?? tracer.store.objects.find(digest)?.size,
      git: files.first.flatMap { run?.gitInput(of: $0) }
    )
  }

  private func model(
    _ slot: String,
    _ identity: JSON,
    _ consumer: Digest
  ) async throws -> Found {
    let maker = try await tuner(of: identity, consumer)
    let trail = ModelTrail(
      identity: identity,
      declared: run?.models.filter { $0.identity == identity } ?? [],
      maker: maker?.key
    )
    return (Source(slot: slot, origin: .model(trail), instance: maker?.name), maker)
  }

  /// The action that tuned a model: its result holds the checkpoint, or the provider's name for it.
  private func tuner(of identity: JSON, _ consumer: Digest) async throws -> Maker? {
    for (member, part) in [("checkpoint", PartName.manifest), ("tuned", PartName.model)] {
      guard let digest = identity[member]?.string.flatMap({ Digest(hex: $0) }) else { continue }
      let made = run?.instances.filter { $0[part]?.digest == digest } ?? []
      if let chosen = choose(made, nil, consumer), let key = chosen.key {
        return Maker(key: key, run: run, name: chosen.id)
      }
      let result = try await tracer.store.results.results(withOutput: digest).first {
        $0[part]?.digest == digest
      }
      guard let result else { return nil }
      return try await maker(result)
    }
    return nil
  }
}

extension RecordedInstance {
  /// The instance that a slot refers to, where the record says so.
  func source(of slot: String) -> String? { json["sources"]?[slot]?.string }

  /// The values of the axes in the instance's name.
  fileprivate var point: [Substring] { Array(id.split(separator: "@").dropFirst()) }

  fileprivate func nearness(to other: [Substring]) -> Int {
    point.count { value in other.contains { UTF8Order.equal($0, value) } }
  }
}
