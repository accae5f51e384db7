import Lineage
import Primitives
import Store

/// Trails as JSON: `distill lineage --json`, form 1.
enum LineageJSON {
  static func trail(_ trail: Trail) -> JSON {
    [
      "type": "lineage", "version": 1, "direction": "back", "root": .string(trail.root.hex),
      "steps": .array(trail.steps.map(step)),
    ]
  }

  static func offspring(_ offspring: Offspring, of digests: [Digest]) -> JSON {
    [
      "type": "lineage", "version": 1, "direction": "forward",
      "digests": .array(digests.map { .string($0.hex) }), "uses": uses(offspring.uses),
      "steps": .array(
        offspring.steps.map { step in
          Self.step(step).adding([("uses", uses(offspring.uses(of: step.key)))])
        }
      ),
    ]
  }

  static func file(_ digest: Digest, _ found: [FileUse]) -> JSON {
    [
      "type": "lineage-file", "version": 1, "sha256": .string(digest.hex),
      "read_by": .array(
        found.map { use in
          [
            "run": .string(use.runID), "workflow": .string(use.workflow),
            "path": .string(use.path), "is_workflow": .bool(use.isWorkflow),
            "origin": origin(use.origin), "git": use.git.map(git) ?? .null,
          ]
        }
      ),
    ]
  }

  private static func uses(_ uses: [Offspring.Use]) -> JSON {
    .array(uses.map { ["slot": .string($0.slot), "key": .string($0.key.hex)] })
  }

  // MARK: - Steps

  static func step(_ step: Step) -> JSON {
    [
      "key": .string(step.key.hex), "kind": .string(step.kind),
      "kind_version": step.kindVersion.map { JSON($0) } ?? .null,
      "instances": .array(step.names.map(JSON.string)), "settings": .object(step.settings),
      "versions": .object(step.versions), "run": origin(step.origin),
      "made_at_ms": step.madeAt.map(JSON.integer) ?? .null, "facts": .object(step.facts),
      "outputs": .object(
        JSONObject(step.outputs.map { ($0.part, object($0.object)) })
      ),
      "contents": .object(JSONObject(step.contents.map { ($0.part, $0.json) })),
      "sources": .array(step.sources.map(source)),
    ]
  }

  private static func object(_ object: ObjectRef) -> JSON {
    ["sha256": .string(object.digest.hex), "size": JSON(object.size)]
  }

  static func origin(_ origin: RunOrigin) -> JSON {
    [
      "id": .string(origin.runID), "workflow": JSON(origin.workflow),
      "commit": JSON(origin.commit), "dirty": .bool(origin.isDirty),
      "run_commit": JSON(origin.runCommit), "ref": JSON(origin.ref), "tool": JSON(origin.tool),
      "has_record": .bool(origin.hasRecord),
    ]
  }

  private static func source(_ source: Source) -> JSON {
    let slot = JSON.string(source.slot)
    switch source.origin {
    case .step(let key, let parts):
      return [
        "slot": slot, "type": "step", "key": .string(key.hex), "instance": JSON(source.instance),
        "parts": .array(parts.map(JSON.string)),
      ]
    case .file(let file): return ["slot": slot, "type": "file", "file": self.file(file)]
    case .model(let model): return ["slot": slot, "type": "model", "model": self.model(model)]
    case .unknown(let parts):
      return [
        "slot": slot, "type": "unknown",
        "parts": .object(JSONObject(parts.map { ($0.part, .string($0.digest.hex)) })),
      ]
    }
  }

  static func file(_ file: FileTrail) -> JSON {
    [
      "sha256": .string(file.digest.hex), "size": file.size.map { JSON($0) } ?? .null,
      "paths": .array(file.paths.map(JSON.string)), "git": file.git.map(git) ?? .null,
    ]
  }

  private static func git(_ input: RecordedGit.Input) -> JSON {
    [
      "path": .string(input.path), "status": .string(input.status), "blob": JSON(input.blob),
      "head_blob": JSON(input.headBlob), "pinned": JSON(input.pinned),
    ]
  }

  static func model(_ model: ModelTrail) -> JSON {
    [
      "identity": model.identity,
      "declared": .object(JSONObject(model.declared.map { ($0.name, $0.declared) })),
      "tuned_by": JSON(model.maker?.hex),
    ]
  }
}
