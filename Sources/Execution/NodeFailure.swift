package import Diagnostics
import ModelService
package import Primitives
import Store

/// Why an instance failed, in words for the user.
package struct NodeFailure: Error, Sendable, CustomStringConvertible {
  package enum Reason: String, Sendable {
    /// Any failure without a better name.
    case failed
    /// More bad rows than the workflow allows: the run ends with exit code 3.
    case badRows = "bad-rows"
    /// A quota or budget: the run pauses with exit code 4.
    case paused
    /// Stopped by the user.
    case interrupted
  }

  package let reason: Reason
  package let message: String
  /// What to do next.
  package let hint: String?
  /// Whether the store itself is damaged: the run ends with exit code 5.
  package let isDamage: Bool
  /// What was done and spent before it failed; answers that came are kept and were paid for.
  package var facts = JSONObject()

  package init(
    _ message: String,
    reason: Reason = .failed,
    hint: String? = nil,
    isDamage: Bool = false
  ) {
    self.message = message
    self.reason = reason
    self.hint = hint
    self.isDamage = isDamage
  }

  package var description: String { hint.map { "\(message)\n  hint: \($0)" } ?? message }
}

extension NodeFailure {
  /// Any error of the layers below as a failure: a cancelled task was stopped by the user, and a
  /// damaged store is told apart by its exit code.
  package init(wrapping error: any Error) {
    switch error {
    case let failure as NodeFailure: self = failure
    case is CancellationError: self.init("stopped", reason: .interrupted)
    case let pending as RemoteJobPending: self.init("\(pending)", reason: .interrupted)
    case let problem as Problem: self.init(problem.inOneLine)
    case let problems as Problems:
      self.init(problems.all.map(\.inOneLine).joined(separator: "; "))
    case let error as StoreError: self.init("\(error)", isDamage: error.isDamage)
    default: self.init("\(error)")
    }
  }
}

extension Problem {
  /// Place, message and hint in one line.
  package var inOneLine: String {
    let place = location.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
    return place + message + (hint.map { " (\($0))" } ?? "")
  }
}
