import ArgumentParser
import Exports
import Foundation
import Lineage
import Primitives
import Store

/// Tells other services of a run that is over.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Send a run that is over to OpenLineage or MLflow.",
    discussion: """
      Sending a run again doubles nothing: OpenLineage events have the same ids, and MLflow's run is \
      found by the id of this one. `distill run` has the same options, and tells while it runs.
      """
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var run: String

  @OptionGroup var exports: ExportOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard exports.openlineage != nil || exports.mlflow != nil else {
      throw ValidationError("say where to: --openlineage URL|FILE or --mlflow URL")
    }
  }

  func run() async throws {
    let targets = try exports.targets()
    try await StoreCommand.with(common) { store in
      let records = RunRecords(store)
      let record = try await RecordLookup.recorded(run, store, records)
      do {
        try await sendEvents(record, targets, store, records)
        try await log(record, targets, store, records)
      } catch let error as ExportError {
        Terminal.error(error.message)
        throw ExitStatus.failed
      }
    }
  }

  private func sendEvents(
    _ record: RecordedRun,
    _ targets: ExportTargets,
    _ store: Store,
    _ records: RunRecords
  ) async throws {
    guard let target = targets.events else { return }
    let events = try await RecordedEvents.all(
      of: record,
      store,
      records,
      namespace: targets.namespace
    )
    try await target.sendAll(events)
    if common.json {
      Terminal.output([
        "type": "openlineage", "version": 1, "run": .string(record.id),
        "events": JSON(events.count),
      ])
    } else {
      Terminal.output("OpenLineage: \(Amounts.count(events.count, "event")) of run \(record.id)")
    }
  }

  private func log(
    _ record: RecordedRun,
    _ targets: ExportTargets,
    _ store: Store,
    _ records: RunRecords
  ) async throws {
    guard let tracking = targets.tracking else { return }
    let runs = try await MLflowRuns(record, store, records, user: ExportTargets.user)
    let report = try await MLflowLogger(tracking).log(
      runs,
      experiment: targets.experiment ?? record.workflow.name
    )
    if let note = report.note { Terminal.error("warning: MLflow: \(note)") }
    if common.json {
      Terminal.output([
        "type": "mlflow", "version": 1, "run": .string(record.id),
        "experiment_id": .string(report.experimentID), "mlflow_run_id": .string(report.runID),
        "children": JSON(report.children), "was_there": .bool(report.wasThere),
      ])
    } else {
      let what = report.wasThere ? "brought up to date" : "logged"
      Terminal.output(
        "MLflow: run \(record.id) \(what) as \(ForeignText.line(report.runID)) with "
          + "\(Amounts.count(report.children, "child run"))"
      )
    }
  }
}
