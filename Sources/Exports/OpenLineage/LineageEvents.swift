package import Primitives
import Store

/// Makes the events of a run by OpenLineage 2-0-2: one that it starts and one that it ended, for the
/// run and for each instance.
///
/// Sent again they are the same events: ids come from the run's id and the instance's name.
///
/// Source: https://openlineage.io/spec/2-0-2/OpenLineage.json
package struct LineageEvents: Sendable {
  static let schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"

  let run: RunIdentity
  /// Instances that began and have not ended.
  private var going: Set<String> = []
  /// Which instance's part an object is: of several with the same bytes, the first that ended.
  private(set) var makers: [Digest: (instance: String, part: String)] = [:]
  /// What the run is for: tables, and figures of scores.
  private var results: [JSON] = []

  package init(_ run: RunIdentity) {
    self.run = run
  }

  package func started(at moment: Moment) -> JSON {
    event(
      "START",
      at: moment,
      job: runJob,
      run: runRun(),
      inputs: run.files.map(dataset),
      outputs: []
    )
  }

  package mutating func started(_ instance: String, at moment: Moment) -> JSON {
    going.insert(instance)
    return event(
      "START",
      at: moment,
      job: job(of: instance),
      run: instanceRun(instance),
      inputs: [],
      outputs: []
    )
  }

  /// The events of an instance that ended: that it started, unless that was said, and how it ended.
  ///
  /// The preimage, what its key was made of, names the files that it read, where it is known; `start`
  /// is when it began, for the case that nothing was said of that.
  package mutating func ended(
    _ instance: ReportedInstance,
    preimage: JSON?,
    start: Moment,
    end: Moment
  ) -> [JSON] {
    let outputs = instance.outputs.map { output(instance, $0.part, $0.object) }
    for output in instance.outputs where makers[output.object.digest] == nil {
      makers[output.object.digest] = (instance.id, output.part)
    }
    if Self.figures.contains(instance.kind) {
      results += zip(instance.outputs, outputs).filter { Self.results.contains($0.0.part) }.map(\.1)
    }
    let last = event(
      Self.type(ofStatus: instance.status),
      at: end,
      job: job(of: instance.id),
      run: instanceRun(instance.id, outcome: instance),
      inputs: inputs(of: instance, preimage),
      outputs: outputs
    )
    // What was skipped never began.
    let isNew = going.remove(instance.id) == nil && instance.status != "skipped"
    return (isNew ? [started(instance.id, at: start)] : []) + [last]
  }

  /// That the run ended, with `error` where it did not succeed.
  package func ended(status: String, error: String?, at moment: Moment) -> JSON {
    event(
      Self.type(ofStatus: status),
      at: moment,
      job: runJob,
      run: runRun(error: status == "succeeded" ? nil : error ?? "the run was \(status)"),
      inputs: run.files.map(dataset),
      outputs: results
    )
  }

  private static let figures: Set<String> = ["table", "evaluate", "judge", "rate"]
  private static let results: Set<String> = ["table", "summary"]

  /// ABORT stands for what somebody stopped, or what never began.
  private static func type(ofStatus status: String) -> String {
    switch status {
    case "succeeded", "ran", "reused": "COMPLETE"
    case "failed": "FAIL"
    default: "ABORT"
    }
  }

  private func event(
    _ type: String,
    at moment: Moment,
    job: JSON,
    run: JSON,
    inputs: [JSON],
    outputs: [JSON]
  ) -> JSON {
    [
      "eventType": .string(type), "eventTime": .string(moment.description),
      "producer": self.run.producer, "schemaURL": .string("\(Self.schema)/RunEvent"), "run": run,
      "job": job, "inputs": .array(inputs), "outputs": .array(outputs),
    ]
  }
}
