import Execution
package import Primitives
import Store
package import Workflow

/// The record of a run: what stands in `run.json`.
package struct RunRecord: Sendable {
  /// Raised when a reader of the record would have to know; the store seals records from 2 on.
  package static let version = 2

  package let summary: RunSummary
  package let outcomes: [InstanceOutcome]
  /// The state of the repository and of every input file.
  package let git: JSON
  /// The workflow file below the repository's root; nil outside of one.
  package let workflowPath: String?
  package let toolVersion: String
  package let startedAt: Int64
  /// Models by name: as declared, and their identity; the names that servers gave them stand among
  /// the facts of the instances that called them.
  package let models: JSON
  /// What of the machine shapes results.
  package let machine: JSON

  package init(
    summary: RunSummary,
    outcomes: [InstanceOutcome],
    git: JSON,
    workflowPath: String?,
    toolVersion: String,
    startedAt: Int64,
    models: JSON,
    machine: JSON
  ) {
    self.summary = summary
    self.outcomes = outcomes
    self.git = git
    self.workflowPath = workflowPath
    self.toolVersion = toolVersion
    self.startedAt = startedAt
    self.models = models
    self.machine = machine
  }

  /// `place` says where a file that was read stands for the user: not where a commit was restored to.
  package func json(
    _ workflow: CheckedWorkflow,
    _ files: PinnedFiles,
    place: (String) -> String = { $0 }
  ) -> JSON {
    [
      "version": JSON(Self.version),
      "id": .string(summary.id),
      "workflow": [
        "name": .string(workflow.name), "path": .string(place(workflow.path)),
        "tree_path": JSON(workflowPath),
        "sha256": .string(Digest(of: workflow.bytes).hex),
      ],
      "parameters": .object(workflow.parameters),
      "tool": .string(toolVersion),
      "started_at_ms": .integer(startedAt),
      "git": git,
      "summary": summary.json,
      "models": models,
      "machine": machine,
      "files": .array(
        files.all.map { file in
          [
            "path": .string(place(file.path)), "sha256": .string(file.object.digest.hex),
            "size": JSON(file.object.size), "library": JSON(files.libraryName(of: file.path)),
          ]
        }
      ),
      "instances": .array(outcomes.map(\.recordJSON)),
    ]
  }
}

extension RunSummary {
  /// Adds up what the instances came to; `isInterrupted` says that the user stopped the run.
  package init(
    id: String,
    outcomes: [InstanceOutcome],
    commit: String?,
    isDirty: Bool,
    isInterrupted: Bool,
    seconds: Double
  ) {
    self.init(id: id, status: .succeeded, commit: commit, isDirty: isDirty)
    self.seconds = seconds
    total = outcomes.count
    var cost: Double? = 0
    var saved: Double? = 0
    var reasons: Set<String> = []
    for outcome in outcomes {
      switch outcome.status {
      case .ran: ran += 1
      case .reused: reused += 1
      case .failed:
        failed += 1
        if let reason = outcome.failure?.reason { reasons.insert(reason.rawValue) }
      case .skipped, .interrupted: skipped += 1
      }
      // What a result that is there had taken, its own calls and those it reused.
      let facts = outcome.facts
      if outcome.status == .reused { saved = Self.sum(saved, facts["cost_usd"], if: outcome.paid) }
      saved = Self.sum(saved, facts["saved_usd"], if: facts["reused"]?.int ?? 0 > 0)
      guard outcome.status != .reused else { continue }
      // What a failed or stopped instance spent was spent all the same.
      callsMade += facts["made"]?.int ?? 0
      callsReused += facts["reused"]?.int ?? 0
      cost = Self.sum(cost, facts["cost_usd"], if: outcome.paid)
    }
    costUSD = cost
    savedUSD = saved
    hasBadRows = reasons == [NodeFailure.Reason.badRows.rawValue]
    if isInterrupted {
      status = .interrupted
    } else if reasons.contains(NodeFailure.Reason.paused.rawValue) {
      status = .paused
    } else if failed + skipped > 0 {
      status = .failed
    }
  }

  /// Adds an amount where something was paid for; unknown as soon as one amount is.
  private static func sum(_ sum: Double?, _ amount: JSON?, if isPaid: Bool) -> Double? {
    guard isPaid else { return sum }
    return sum.flatMap { sum in amount?.number.map { sum + $0 } }
  }
}

extension InstanceOutcome {
  /// Whether it made calls or had a job done, so that it has a cost, known or not.
  fileprivate var paid: Bool { facts["made"]?.int ?? 0 > 0 || facts["job"] != nil }
}
