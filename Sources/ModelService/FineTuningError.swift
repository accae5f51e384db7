package import Store

/// Why a job brought no model.
package enum FineTuningError: Error, Sendable {
  case failed(job: String, message: String)
  case cancelled(job: String)
  /// It says that it succeeded, and names no model.
  case withoutModel(job: String)
  /// The service does not know it any more.
  case gone(job: String)
  /// Nothing was heard for long; a job that exists goes on, and may cost.
  case unreachable(job: String?, message: String)
  /// The service did not take the job, or would not.
  case refused(message: String)
  /// Its worst case does not fit into a budget: nothing was sent.
  case overBudget(BudgetShortfall)
}

extension FineTuningError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let job, let message): "fine-tuning job '\(job)' failed: \(message)"
    case .cancelled(let job): "fine-tuning job '\(job)' was cancelled at the service"
    case .withoutModel(let job):
      "fine-tuning job '\(job)' succeeded, but its service names no model"
    case .gone(let job): "fine-tuning job '\(job)' is not known to its service any more"
    case .unreachable(let job?, let message):
      "fine-tuning job '\(job)' cannot be followed: \(message); it may still run and cost: run "
        + "again to follow it"
    case .unreachable(nil, let message):
      "the fine-tuning job may have been created: \(message); run again to look for it"
    case .refused(let message): "the fine-tuning job was refused: \(message)"
    case .overBudget(let shortfall):
      "the fine-tuning job may cost \(shortfall.needed), and \(shortfall.budget.limit) is the "
        + "budget, of which \(shortfall.settled) is spent and \(shortfall.reserved) reserved; "
        + "nothing was sent"
    }
  }
}

/// The wait for a job was ended by the user; the job goes on at its service.
///
/// Thrown in place of `CancellationError`, so that the message reaches the user.
package struct RemoteJobPending: Error, Sendable, CustomStringConvertible {
  package let kind: JobKind
  /// The service's id, if it gave one.
  package let job: String?
  package let tag: String

  package init(kind: JobKind, job: String?, tag: String) {
    self.kind = kind
    self.job = job
    self.tag = tag
  }

  package var description: String {
    let name = job.map { "'\($0)'" } ?? "that was being created"
    return "\(kind.rawValue) job \(name) goes on at its service, and costs money there; run again "
      + "to follow it, or cancel it with 'distill jobs cancel \(tag)'"
  }
}
