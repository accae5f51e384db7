import Engine
import Execution
import Exports
import Foundation
import Lineage
import Primitives
import Store
import Workflow

/// Tells others of a run while it goes on and when it is over; whatever they do, the run goes on.
struct RunExports {
  private let targets: ExportTargets
  private let reporter: LineageReporter?

  /// How long the end of a run waits for events that are still to be sent.
  private static let patience = Duration.seconds(5)

  /// Says that the run started, by its record as far as it is known: without outcomes.
  init(_ targets: ExportTargets, record: JSON, _ store: Store) {
    self.targets = targets
    let run = Self.read(record)
    reporter = run.flatMap { run in
      targets.events.map { target in
        LineageReporter(
          RunIdentity(run, namespace: targets.namespace),
          to: target,
          objects: store.objects,
          warn: { Self.warn("OpenLineage events do not arrive; the run goes on: \($0)") }
        )
      }
    }
    if let run { reporter?.started(at: Moment(milliseconds: run.startedAt)) }
  }

  /// Passes on what others want to know; it never waits.
  func show(_ event: RunEvent) {
    switch event {
    case .instanceStarted(let id): reporter?.started(id.text, at: .now)
    case .instanceEnded(let outcome): reporter?.ended(ReportedInstance(outcome), at: .now)
    case .started, .progress, .ended: return
    }
  }

  /// Says how the run ended, by its record as it was written.
  func finish(record: JSON, _ store: Store) async {
    guard let run = Self.read(record) else { return }
    if let reporter {
      let errors = run.instances.compactMap { entry in entry.error.map { "\(entry.id): \($0)" } }
      let error = errors.isEmpty ? nil : errors.joined(separator: "\n")
      reporter.ended(status: run.status, error: error, at: .now)
      let report = await reporter.finish(within: Self.patience)
      if report.lost > 0 {
        Self.warn(
          "\(report.lost) OpenLineage events were not sent; 'distill export \(run.id) "
            + "--openlineage …' sends all of them"
        )
      }
    }
    await log(run, store)
  }

  private func log(_ run: RecordedRun, _ store: Store) async {
    guard let tracking = targets.tracking else { return }
    do {
      let runs = try await MLflowRuns(run, store, RunRecords(store), user: ExportTargets.user)
      let report = try await MLflowLogger(tracking).log(
        runs,
        experiment: targets.experiment ?? run.workflow.name
      )
      if let note = report.note { Self.warn("MLflow: \(note)") }
    } catch {
      Self.warn(
        "the run was not logged to MLflow: \(error); 'distill export \(run.id) --mlflow …' tries "
          + "again"
      )
    }
  }

  private static func read(_ record: JSON) -> RecordedRun? {
    do {
      return try RecordedRun(json: record)
    } catch {
      warn("nobody is told of the run: \(error)")
      return nil
    }
  }

  private static func warn(_ text: String) {
    Terminal.error("warning: \(ForeignText.line(text, limit: 1000))")
  }
}

extension Moment {
  /// By the wall clock: for those outside, never for a result.
  fileprivate static var now: Moment {
    Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }
}

extension ReportedInstance {
  fileprivate init(_ outcome: InstanceOutcome) {
    self.init(
      id: outcome.id.text,
      kind: outcome.kind,
      status: outcome.status.rawValue,
      key: outcome.key,
      inputs: outcome.inputs.object ?? JSONObject(),
      sources: outcome.sources,
      outputs: outcome.yield?.parts ?? [],
      originRun: outcome.yield?.originRun,
      facts: outcome.facts.object ?? JSONObject(),
      seconds: outcome.seconds,
      error: outcome.failure?.message
    )
  }
}
