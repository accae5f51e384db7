import CGit2

/// What libgit2 could not do, and why.
package struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case: `open the repository at 'x'`.
  package let operation: String
  /// libgit2's code, below zero.
  package let code: Int32
  /// libgit2's words.
  package let reason: String
  /// What to do next, as exactly as it can be said.
  package let hint: String?

  package var description: String { "cannot \(operation): \(reason)" }

  package init(_ operation: String, code: Int32, reason: String, hint: String? = nil) {
    self.operation = operation
    self.code = code
    self.reason = reason
    self.hint = hint
  }

  /// Takes libgit2's last error, which belongs to the calling thread: before any `await`.
  init(_ operation: String, code: Int32, hint: String? = nil) {
    self.init(
      operation,
      code: code,
      reason: Self.lastMessage ?? "libgit2 gives no reason (code \(code))",
      hint: hint
    )
  }

  /// What the system refused, by its number (`errno`).
  init(_ operation: String, system number: Int32, hint: String? = nil) {
    self.init(
      operation,
      code: GIT_ERROR.rawValue,
      reason: FilePath.message(of: number),
      hint: hint
    )
  }

  /// What our own reading of git's data found wrong.
  init(_ operation: String, reason: String, hint: String? = nil) {
    self.init(operation, code: GIT_ERROR.rawValue, reason: reason, hint: hint)
  }

  /// libgit2's last words on this thread.
  static var lastMessage: String? {
    git_error_last().flatMap { $0.pointee.message.map { String(cString: $0) } }
  }

  /// Throws unless a call succeeded.
  static func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(GitError) {
    guard code >= 0 else { throw GitError(operation(), code: code) }
  }
}
