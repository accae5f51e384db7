import Execution
package import Primitives
import Store
package import Workflow

/// Why an instance is reused, would run, or ran.
package struct Explanation: Sendable {
  package enum Verdict: String, Sendable {
    case reused = "cached"
    case wouldRun = "would run"
    case waits = "waits"
  }

  /// Something of the key that is not what it was, with the lines that differ.
  package struct Change: Sendable {
    package let name: String
    /// `- old` and `+ new` lines; for plain values both values.
    package let lines: [String]
  }

  package let id: InstanceID
  package let verdict: Verdict
  /// In words: `cached since run 2026…`, `it has not run before`.
  package let reason: String
  /// What changed since the instance was last noted; for a cached one, what had changed when the
  /// run that made it did so.
  package let changes: [Change]

  package var json: JSON {
    [
      "instance": .string(id.text), "verdict": .string(verdict.rawValue),
      "reason": .string(reason),
      "changes": .array(
        changes.map { change in
          ["name": .string(change.name), "lines": .array(change.lines.map(JSON.string))]
        }
      ),
    ]
  }
}

extension Engine {
  /// Explains every instance, in dependency order.
  package func explain() async throws -> [Explanation] {
    var yields: [InstanceID: Yield] = [:]
    var explanations: [Explanation] = []
    for instance in workflow.expansion.instances {
      let missing = resolver.dependencies(of: instance.id).filter { yields[$0] == nil }
      guard missing.isEmpty else {
        explanations.append(
          Explanation(
            id: instance.id,
            verdict: .waits,
            reason: "it depends on \(missing.map(\.text).joined(separator: ", "))",
            changes: []
          )
        )
        continue
      }
      let keyed = try await key(instance, yields)
      if let yield = try await hit(keyed) {
        yields[instance.id] = yield
        explanations.append(try await explainHit(keyed, yield))
      } else {
        if keyed.kind.work == .preparation, try await toFetch(instance).isEmpty {
          yields[instance.id] = try await execute(keyed, services(instance.id))
        }
        explanations.append(try await explainMiss(keyed))
      }
    }
    return explanations
  }

  private func explainMiss(_ keyed: Keyed) async throws -> Explanation {
    let id = keyed.instance.id
    guard let change = try await change(of: keyed) else {
      return Explanation(
        id: id,
        verdict: .wouldRun,
        reason: "it has not run before",
        changes: []
      )
    }
    guard !change.differences.isEmpty else {
      return Explanation(
        id: id,
        verdict: .wouldRun,
        reason: "its last run left no result",
        changes: []
      )
    }
    return Explanation(
      id: id,
      verdict: .wouldRun,
      reason: "changed since run \(change.lastRun)",
      changes: try await contents(of: change, keyed)
    )
  }

  private func explainHit(_ keyed: Keyed, _ yield: Yield) async throws -> Explanation {
    let maker =
      yield.originRun == Self.planning
      ? "prepared while planning" : "made by run \(yield.originRun)"
    var reason = maker
    var changes: [Explanation.Change] = []
    if let change = try await change(of: keyed), !change.differences.isEmpty {
      // The result is known from elsewhere, or was prepared just now.
      reason = "\(maker); changed since run \(change.lastRun)"
      changes = try await contents(of: change, keyed)
    } else if let previous = try await keyBefore(keyed, inRun: yield.originRun),
      let old = try await store.results.preimage(previous)
    {
      changes = try await contents(
        of: PreimageChange(old: old, new: keyed.preimage, lastRun: yield.originRun),
        keyed
      )
    }
    return Explanation(
      id: keyed.instance.id,
      verdict: .reused,
      reason: reason,
      changes: changes
    )
  }

  /// The key that the instance had before the run that made its present result.
  private func keyBefore(_ keyed: Keyed, inRun run: String) async throws -> Digest? {
    guard let record = try? await store.runs.folder(run).readRecord() else { return nil }
    let entry = record["instances"]?.array?.first { $0["key"]?.string == keyed.key.hex }
    guard let hex = entry?["previous_key"]?.string, hex != keyed.key.hex else { return nil }
    return Digest(hex: hex)
  }

  private func contents(
    of change: PreimageChange,
    _ keyed: Keyed
  ) async throws -> [Explanation.Change] {
    let files = keyed.inputs.files.map(\.file)
    var changes: [Explanation.Change] = []
    for difference in change.differences {
      let old = try await lines(difference.old, files)
      let new = try await lines(difference.new, files)
      changes.append(Explanation.Change(name: difference.name, lines: ShownDifference.of(old, new)))
    }
    return changes
  }

  /// A value of a preimage as lines: what its digests name, where that is in the store.
  private func lines(_ json: JSON?, _ files: [InputFile]) async throws -> [String] {
    guard let json else { return [] }
    if let text = json.string, let digest = Digest(hex: text) {
      return try await lines(digest, files)
    }
    if let object = json.object {
      var lines: [String] = []
      for member in object.members {
        let inner = try await self.lines(member.value, files)
        lines += inner.map { object.members.count > 1 ? "\(member.key): \($0)" : $0 }
      }
      return lines
    }
    return ValueLines.of(json)
  }

  /// Objects above this size are compared by digest alone.
  private static let largestShown = 4 << 20

  private func lines(_ digest: Digest, _ files: [InputFile]) async throws -> [String] {
    // A file that changed since it was last read is not in the store yet.
    if store.objects.find(digest) == nil,
      let file = files.first(where: { $0.object.digest == digest }),
      file.object.size <= Self.largestShown
    {
      if let listing = file.listing {
        try await store.objects.put(listing.bytes)
      } else {
        try await store.objects.put(fileAt: file.path)
      }
    }
    guard let object = store.objects.find(digest), object.size <= Self.largestShown else {
      return ["sha256 \(digest.hex)"]
    }
    let bytes = try await store.objects.read(digest)
    if let json = try? JSON(parsing: bytes) { return ValueLines.of(json) }
    return ValueLines.split(String(decoding: bytes, as: UTF8.self))
  }
}

/// The lines that two texts do not share, as many as one reads.
enum ShownDifference {
  /// How many lines are shown at most; the rest is counted.
  static let limit = 40

  static func of(_ old: [String], _ new: [String]) -> [String] {
    let lines = LineDifference.between(old, new)
    guard lines.count > limit else { return lines }
    return lines.prefix(limit) + ["… and \(lines.count - limit) more lines"]
  }
}
