// Provenance: which commit a file's bytes belong to, by libgit2.
// It knows nothing about workflows, runs or the store.

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
    let message = git_error_last().flatMap { $0.pointee.message.map { String(cString: $0) } }
    self.init(
      operation,
      code: code,
      reason: message ?? "libgit2 gives no reason (code \(code))",
      hint: hint
    )
  }

  /// Throws unless a call succeeded.
  static func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(GitError) {
    guard code >= 0 else { throw GitError(operation(), code: code) }
  }
}

/// The library itself, started once in a process.
///
/// It is never shut down: another thread may be inside it, and the process's end frees it.
enum GitLibrary {
  static func start() throws(GitError) { try GitError.check(code, "start libgit2") }

  private static let code: Int32 = git_libgit2_init()
}
