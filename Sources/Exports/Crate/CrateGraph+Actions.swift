import Lineage
import Primitives
import Store

// What was done: the run by the engine, each instance by its kind, in this run or, where its result
// was reused, in an earlier one.

extension CrateGraph {
  private enum Status {
    static let completed: JSON = "http://schema.org/CompletedActionStatus"
    static let failed: JSON = "http://schema.org/FailedActionStatus"
  }

  var runID: String { "#run/\(CrateEntity.idPart(run.id))" }
  private var organizeID: String { "#organize/\(CrateEntity.idPart(run.id))" }

  /// An action's name holds the run that did it: a reused result refers to the original.
  private func actionID(of instance: RecordedInstance) -> String {
    guard !instance.isOwn, let origin = instance.originRun else {
      return "\(runID)/\(CrateEntity.idPart(instance.id))"
    }
    let name = times[instance]?.origin ?? instance.id
    return "#run/\(CrateEntity.idPart(origin))/\(CrateEntity.idPart(name))"
  }

  private func controlID(of instance: RecordedInstance) -> String {
    "#control/\(CrateEntity.idPart(run.id))/\(CrateEntity.idPart(instance.id))"
  }

  private var acting: [RecordedInstance] { run.instances.filter(Self.hasAction) }

  /// The actions that the crate is about.
  var actionIDs: [String] { [runID] + acting.map(actionID) }

  var actions: [CrateEntity] {
    var seen: Set<String> = []
    let made = acting.filter { seen.insert(actionID(of: $0)).inserted }
    return [organize, runAction] + acting.map(control)
      + made.flatMap { instance in
        [action(of: instance)] + usage(of: instance)
      }
  }

  private var organize: CrateEntity {
    CrateEntity(
      organizeID,
      "OrganizeAction",
      members: [
        ("name", .string("distill \(run.tool) runs \(run.workflow.name)")),
        ("instrument", CrateEntity.reference(to: engineID)),
        ("object", CrateEntity.references(to: acting.map(controlID))),
        ("result", CrateEntity.reference(to: runID)),
        ("startTime", .string(times.start.description)),
        ("endTime", .string(times.end.description)),
      ] + outcome(ofStatus: run.status, error: runError)
    )
  }

  private var runAction: CrateEntity {
    let values = run.parameters.keys.map { Self.valueID($0) }
    let inputs = contents.inputs.map(\.entry.reference)
    return CrateEntity(
      runID,
      "CreateAction",
      members: [
        ("name", .string("Run \(run.id)")),
        ("description", .string("A run of the workflow \(run.workflow.name); it \(run.status).")),
        ("instrument", CrateEntity.reference(to: contents.workflow.reference)),
        ("object", CrateEntity.references(to: values + inputs)),
        ("result", CrateEntity.references(to: contents.outputs.map(\.reference))),
        ("startTime", .string(times.start.description)),
        ("endTime", .string(times.end.description)),
        ("environment", CrateEntity.references(to: machineIDs)),
      ] + outcome(ofStatus: run.status, error: runError)
    )
  }

  /// Of a run that did not succeed: what its instances say, or that somebody stopped it.
  private var runError: String {
    let errors = run.instances.compactMap { instance in
      instance.error.map { "\(instance.id): \($0)" }
    }
    return errors.isEmpty ? "the run was \(run.status)" : errors.joined(separator: "\n")
  }

  private func control(of instance: RecordedInstance) -> CrateEntity {
    let how = instance.isOwn ? "runs" : "reuses the result of"
    return CrateEntity(
      controlID(of: instance),
      "ControlAction",
      members: [
        ("name", .string("distill \(how) \(instance.id)")),
        ("instrument", CrateEntity.reference(to: stepID(of: instance))),
        ("object", CrateEntity.reference(to: actionID(of: instance))),
      ] + outcome(ofStatus: instance.status, error: instance.error ?? instance.status)
    )
  }

  private func action(of instance: RecordedInstance) -> CrateEntity {
    let span = times[instance]
    let origin = instance.isOwn ? run.id : instance.originRun ?? "unknown"
    let key = instance.key.map { "; action key \($0.hex)" } ?? ""
    return CrateEntity(
      actionID(of: instance),
      "CreateAction",
      members: [
        ("name", .string(span?.origin ?? instance.id)),
        ("description", .string("\(instance.kind), done in run \(origin)\(key)")),
        ("instrument", CrateEntity.reference(to: toolID(of: instance.kind))),
        ("object", CrateEntity.references(to: inputs(of: instance))),
        (
          "result",
          CrateEntity.references(
            to: instance.outputs.compactMap { contents.output($0.object.digest)?.reference }
          )
        ),
        ("startTime", span?.start.map { .string($0.description) }),
        ("endTime", span?.end.map { .string($0.description) }),
        ("resourceUsage", CrateEntity.references(to: usage(of: instance).map(\.id))),
      ] + outcome(ofStatus: instance.status, error: instance.error ?? instance.status)
    )
  }

  /// What went into an instance: parts of other instances, files, models.
  private func inputs(of instance: RecordedInstance) -> [String] {
    let preimage = preimages[instance.id]
    let parts = Preimage.digests(in: .object(instance.inputs)).compactMap {
      contents.output($0)?.reference
    }
    let files = Preimage.files(preimage).compactMap { contents.input($0.digest)?.reference }
    return parts + files + Preimage.models(preimage).flatMap { modelReferences($0.identity) }
  }

  private func outcome(
    ofStatus status: String,
    error: String
  ) -> [(key: String, value: JSON?)] {
    switch status {
    case "succeeded", "ran", "reused": [("actionStatus", Status.completed)]
    default: [("actionStatus", Status.failed), ("error", .string(error))]
    }
  }

  /// What an action took of the world: calls, tokens, money, each where it is known.
  private func usage(of instance: RecordedInstance) -> [CrateEntity] {
    let facts = instance.calls
    let amounts: [(name: String, value: JSON?, unit: String)] = [
      ("calls", facts.made.map { JSON($0) }, "C62"),
      ("prompt_tokens", facts.promptTokens.map { JSON($0) }, "C62"),
      ("completion_tokens", facts.completionTokens.map { JSON($0) }, "C62"),
      ("cost", facts.cost.map { .number($0.usd) }, "USD"),
    ]
    return amounts.compactMap { amount in
      amount.value.map { value in
        CrateEntity(
          "#usage/\(actionID(of: instance).dropFirst())/\(amount.name)",
          "PropertyValue",
          members: [
            ("name", .string(amount.name)),
            ("propertyID", .string("urn:distill:usage:\(amount.name)")), ("value", value),
            ("unitCode", .string(amount.unit)),
          ]
        )
      }
    }
  }
}
