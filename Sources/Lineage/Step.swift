package import Primitives
package import Store

/// One action of a trail: what was done with what, in which run, and what it came to.
package struct Step: Sendable {
  /// The action key.
  package let key: Digest
  package let kind: String
  package let kindVersion: Int?
  /// Names of instances with this key: those of the run that the trail is about, else those that
  /// had it last.
  package let names: [String]
  /// What the key is the digest of; null where that object is gone.
  package let preimage: JSON
  /// The settings that shape the result, with defaults.
  package let settings: JSONObject
  /// Versions of readers, renderers, readings and metrics.
  package let versions: JSONObject
  package let outputs: [(part: String, object: ObjectRef)]
  /// Small outputs that people want to read: the parts of a template, a chosen decoding.
  package let contents: [(part: String, json: JSON)]
  package let facts: JSONObject
  /// The run that made the result.
  package let origin: RunOrigin
  /// Milliseconds since 1970, UTC; nil where no result is left.
  package let madeAt: Int64?
  package let sources: [Source]

  package var name: String { names.first ?? "\(kind) \(key.short)" }
  package var calls: CallFacts { CallFacts(facts) }

  package subscript(part: String) -> ObjectRef? {
    outputs.first { UTF8Order.equal($0.part, part) }?.object
  }

  /// The action whose parts were consumed in a slot.
  package func maker(of slot: String) -> Digest? {
    for source in sources where UTF8Order.equal(source.slot, slot) {
      switch source.origin {
      case .step(let key, _): return key
      case .model(let model): return model.maker
      case .file, .unknown: return nil
      }
    }
    return nil
  }

  /// The digest of a part that was consumed in a slot.
  func consumed(_ slot: String, _ part: String) -> Digest? {
    preimage["inputs"]?[slot]?[part]?.string.flatMap { Digest(hex: $0) }
  }
}

/// What an action consumed, and in which slot of its settings that stands.
package struct Source: Sendable {
  package enum Origin: Sendable {
    /// Parts that another action made.
    case step(Digest, parts: [String])
    case file(FileTrail)
    case model(ModelTrail)
    /// Parts whose maker is not in the store.
    case unknown([(part: String, digest: Digest)])
  }

  package let slot: String
  package let origin: Origin
  /// The instance that the slot refers to, where the run's record tells: an action may have several
  /// names.
  package let instance: String?

  init(slot: String, origin: Origin, instance: String? = nil) {
    self.slot = slot
    self.origin = origin
    self.instance = instance
  }
}

/// An input file: which bytes, and where a run found them.
package struct FileTrail: Sendable {
  package let digest: Digest
  /// Absolute paths in the run; several where files have the same bytes, none where no record names
  /// the file.
  package let paths: [String]
  package let size: Int?
  /// What git says of the first path.
  package let git: RecordedGit.Input?
}

/// A model that an action called or trained.
package struct ModelTrail: Sendable {
  package let identity: JSON
  /// The entries of the workflow's `models` with this identity.
  package let declared: [RecordedModel]
  /// The action that tuned it; nil for a model that was there.
  package let maker: Digest?
}

/// The run behind a result, and the commit that it ran from.
package struct RunOrigin: Sendable {
  package let runID: String
  package let workflow: String?
  package let commit: String?
  package let isDirty: Bool
  /// The commit that holds every input of the run, and the ref that keeps it.
  package let runCommit: String?
  package let ref: String?
  package let tool: String?
  /// Whether the run came to its end and left a record.
  package let hasRecord: Bool

  package init(_ run: RecordedRun) {
    runID = run.id
    workflow = run.workflow.name
    commit = run.git?.commit
    isDirty = run.git?.isDirty ?? false
    runCommit = run.git?.runCommit
    ref = run.git?.ref
    tool = run.tool
    hasRecord = true
  }

  /// A run without a record: killed before its end, going on, or none at all (`plan` prepares
  /// datasets and templates, too).
  init(runID: String, _ info: RunInfo?) {
    self.runID = runID
    workflow = info?.workflow
    commit = info?.commit
    isDirty = false
    runCommit = nil
    ref = nil
    tool = nil
    hasRecord = false
  }
}
