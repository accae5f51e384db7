package import Primitives

/// Which calls an instance may make.
package enum AskingMode: Sendable {
  /// Those that have no recorded answer.
  case missing
  /// All, once in this run: answers and jobs of earlier runs are kept and do not count.
  case anew
  /// None; each that has no recorded answer is handed to the list, and the instance fails.
  case nothing(list: @Sendable (JSON) throws -> Void)

  package var isAnew: Bool { if case .anew = self { true } else { false } }
}
