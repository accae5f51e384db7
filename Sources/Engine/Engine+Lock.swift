package import Execution
package import Primitives
import Store
package import Workflow

extension Engine {
  /// The lock of a workflow all of whose instances have yielded.
  package func lock(_ outcomes: [InstanceOutcome]) async throws -> LockFile {
    var lock = LockFile()
    lock.parameters = workflow.parameters
    lock.files = lockedFiles
    for outcome in outcomes {
      guard let key = outcome.key, let parts = outcome.yield?.parts else { continue }
      lock.nodes.append(
        LockFile.Node(instance: outcome.id.text, kind: outcome.kind, key: key, parts: parts)
      )
      for part in parts where part.part == Part.model {
        let bytes = try await store.objects.read(part.object)
        lock.objects[part.object.digest] = String(decoding: bytes, as: UTF8.self)
      }
    }
    return lock
  }

  private var lockedFiles: [LockFile.File] {
    files.all.map { file in
      let name = files.libraryName(of: file.path).map { "library:\($0)" }
      return LockFile.File(
        path: name ?? RelativePath.of(file.path, from: folder),
        object: file.object
      )
    }
  }

  /// The folder of the workflow file.
  private var folder: String {
    workflow.path.lastIndex(of: "/").map { String(workflow.path[..<$0]) } ?? ""
  }

  /// Whether a lock still says what the workflow would do; runs nothing but datasets and templates.
  ///
  /// The key of each instance is made from the outputs that the lock expects of what it depends on,
  /// so nothing of it need have run here.
  package func differences(from lock: LockFile) async throws -> [LockDifference] {
    var differences = inputDifferences(from: lock)
    let locked = Dictionary(lock.nodes.map { ($0.instance, $0) }) { first, _ in first }
    for (digest, text) in lock.objects where store.objects.find(digest) == nil {
      _ = try await store.objects.put(Array(text.utf8))
    }
    var yields: [InstanceID: Yield] = [:]
    for instance in workflow.expansion.instances {
      guard let node = locked[instance.id.text] else {
        differences.append(LockDifference(instance.id.text, .unlocked))
        continue
      }
      let missing = resolver.dependencies(of: instance.id).filter { yields[$0] == nil }
      guard missing.isEmpty else { continue }
      let keyed = try await key(instance, yields)
      guard keyed.key == node.key else {
        let names = try await changedNames(keyed, from: node.key)
        differences.append(LockDifference(instance.id.text, .key(changed: names)))
        continue
      }
      if keyed.kind.work == .preparation, try await hit(keyed) == nil,
        try await toFetch(instance).isEmpty
      {
        // Other keys are made from what it holds, not from its digest alone.
        _ = try await execute(keyed, services(instance.id))
      }
      yields[instance.id] = Yield(
        key: node.key,
        parts: node.parts,
        originRun: Self.planning,
        facts: .null
      )
    }
    let present = Set(workflow.expansion.instances.map(\.id.text))
    differences += lock.nodes.map(\.instance).filter { !present.contains($0) }
      .map { LockDifference($0, .absent) }
    return differences
  }

  /// Names of what changed in the key, where the preimage that the lock means is in the store.
  private func changedNames(_ keyed: Keyed, from key: Digest) async throws -> [String] {
    guard let old = try await store.results.preimage(key) else { return [] }
    return PreimageChange(old: old, new: keyed.preimage, lastRun: "").differences.map(\.name)
  }

  private func inputDifferences(from lock: LockFile) -> [LockDifference] {
    let locked = Dictionary(lock.files.map { ($0.path, $0.object) }) { first, _ in first }
    var differences = lockedFiles.compactMap { file -> LockDifference? in
      guard let object = locked[file.path] else { return LockDifference(file.path, .unlocked) }
      return object == file.object ? nil : LockDifference(file.path, .file)
    }
    let present = Set(lockedFiles.map(\.path))
    differences += lock.files.map(\.path).filter { !present.contains($0) }
      .map { LockDifference($0, .absent) }
    for (name, value) in workflow.parameters.members where lock.parameters[name] != value {
      differences.append(LockDifference(name, .parameter))
    }
    return differences
  }

  /// Compares the results that are there with those that a lock expects; runs nothing.
  package func verdicts(on lock: LockFile) async throws -> [LockVerdict] {
    var verdicts: [LockVerdict] = []
    for node in lock.nodes.sorted(by: { UTF8Order.less($0.instance, $1.instance) }) {
      let found = try await store.results.all(for: node.key)
      let record = found.last { $0.outputs.allSatisfy { store.objects.contains($0.object) } }
      guard let record else {
        verdicts.append(LockVerdict(instance: node.instance, differing: nil))
        continue
      }
      let own = Dictionary(record.outputs.map { ($0.part, $0.object) }) { first, _ in first }
      let names = Set(own.keys).union(node.parts.map(\.part))
      let expected = Dictionary(node.parts.map { ($0.part, $0.object) }) { first, _ in first }
      verdicts.append(
        LockVerdict(
          instance: node.instance,
          differing: names.filter { own[$0] != expected[$0] }.sorted(by: UTF8Order.less)
        )
      )
    }
    return verdicts
  }
}

/// Something that is not as a lock says.
package struct LockDifference: Sendable {
  package enum What: Sendable {
    /// It is there, and the lock does not have it.
    case unlocked
    /// The lock has it, and it is not there.
    case absent
    /// A file with other bytes.
    case file
    case parameter
    /// An instance that would do something else: the names of what changed, where they are known.
    case key(changed: [String])
  }

  /// An instance, a file or a parameter.
  package let name: String
  package let what: What

  init(_ name: String, _ what: What) {
    self.name = name
    self.what = what
  }
}

/// How an instance's result stands to what a lock expects.
package struct LockVerdict: Sendable {
  package let instance: String
  /// Names of parts with other bytes; nil if there is no result.
  package let differing: [String]?
}
