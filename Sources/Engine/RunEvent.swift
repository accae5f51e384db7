package import Execution
package import Primitives
import Store
package import Workflow

/// What happens during a run, as it happens: for the progress display, `--json` and `events.jsonl`.
package enum RunEvent: Sendable {
  case started(runID: String, workflow: String, instances: Int)
  case instanceStarted(InstanceID)
  case progress(InstanceID, CallProgress)
  case instanceEnded(InstanceOutcome)
  case ended(RunSummary)

  /// One line of `events.jsonl` and of `run --json`.
  package var json: JSON {
    switch self {
    case .started(let runID, let workflow, let instances):
      [
        "type": "start", "version": 1, "id": .string(runID), "workflow": .string(workflow),
        "instances": JSON(instances),
      ]
    case .instanceStarted(let id): ["type": "instance-start", "instance": .string(id.text)]
    case .progress(let id, let progress):
      [
        "type": "progress", "instance": .string(id.text), "done": JSON(progress.done),
        "total": JSON(progress.total), "reused": JSON(progress.reused),
        "failed": JSON(progress.failed),
      ]
    case .instanceEnded(let outcome): outcome.eventJSON
    case .ended(let summary): summary.json
    }
  }
}

/// How an instance came out.
package struct InstanceOutcome: Sendable {
  package enum Status: String, Sendable {
    case ran, reused, failed, skipped
    /// Stopped by the user before it was done.
    case interrupted
  }

  package let id: InstanceID
  package let kind: String
  package let status: Status
  package let key: Digest?
  /// The key under which the instance was last noted before this run, where it ran anew.
  package let previousKey: Digest?
  package let yield: Yield?
  package let inputs: JSON
  /// The instances that slots refer to.
  package let sources: JSON
  package let seconds: Double
  package let failure: NodeFailure?

  package var facts: JSON { yield?.facts ?? .object(failure?.facts ?? JSONObject()) }
  package var notes: [String] { yield?.notes ?? [] }

  var eventJSON: JSON {
    var members: [(key: String, value: JSON)] = [
      ("type", "instance"), ("instance", .string(id.text)), ("kind", .string(kind)),
      ("status", .string(status.rawValue)), ("seconds", .number(seconds)), ("facts", facts),
    ]
    if let failure {
      members.append(("error", .string(failure.message)))
      if let hint = failure.hint { members.append(("hint", .string(hint))) }
    }
    return .object(JSONObject(members))
  }

  /// The instance's entry in the run record.
  var recordJSON: JSON {
    var members: [(key: String, value: JSON)] = [
      ("id", .string(id.text)), ("kind", .string(kind)), ("status", .string(status.rawValue)),
      ("key", JSON(key?.hex)), ("previous_key", JSON(previousKey?.hex)), ("inputs", inputs),
      ("sources", sources), ("outputs", outputsJSON),
      ("origin_run", JSON(yield?.originRun)), ("facts", facts), ("seconds", .number(seconds)),
    ]
    if let failure {
      members.append(("error", .string(failure.message)))
      members.append(("error_reason", .string(failure.reason.rawValue)))
      if let hint = failure.hint { members.append(("hint", .string(hint))) }
    }
    return .object(JSONObject(members))
  }

  private var outputsJSON: JSON {
    .object(
      JSONObject(
        (yield?.parts ?? []).map { part in
          (
            part.part,
            ["sha256": .string(part.object.digest.hex), "size": JSON(part.object.size)]
          )
        }
      )
    )
  }
}

/// What a run came to: the last line of `run --json`.
package struct RunSummary: Sendable {
  package enum Status: String, Sendable {
    case succeeded, failed, interrupted, paused
  }

  package var id: String
  package var status: Status
  package var commit: String?
  package var isDirty: Bool
  package var total = 0
  package var ran = 0
  package var reused = 0
  package var failed = 0
  package var skipped = 0
  package var callsMade = 0
  package var callsReused = 0
  package var callsInDoubt = 0
  /// Nil when a price or a usage is not known: unknown is not zero.
  package var costUSD: Double?
  /// What the answers and results that were there already had cost; nil where it is not known.
  package var savedUSD: Double?
  package var seconds = 0.0
  /// Whether a failure was only that more rows were bad than the workflow allows.
  package var hasBadRows = false

  package var json: JSON {
    [
      "type": "run", "version": 1, "id": .string(id), "status": .string(status.rawValue),
      "commit": JSON(commit), "dirty": .bool(isDirty),
      "instances": [
        "total": JSON(total), "ran": JSON(ran), "reused": JSON(reused), "failed": JSON(failed),
        "skipped": JSON(skipped),
      ],
      "calls": [
        "made": JSON(callsMade), "reused": JSON(callsReused), "in_doubt": JSON(callsInDoubt),
      ],
      "cost_usd": costUSD.map(JSON.number) ?? .null,
      "saved_usd": savedUSD.map(JSON.number) ?? .null, "seconds": .number(seconds),
    ]
  }
}
