/// A commit and what it was named by.
package struct Revision: Hashable, Sendable {
  /// 40 hexadecimal digits.
  package let commit: String
  /// `refs/tags/v1`; nil for an id or an expression such as `HEAD~2`.
  package let ref: String?
}

/// Why a name names no commit.
package struct RevisionError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    case unknown
    case ambiguous
    /// It names a folder or a file.
    case notACommit
    /// git could not be read.
    case unreadable
  }

  package let kind: Kind
  package let description: String
  /// What to do next.
  package let hint: String?
  /// For an unknown name: branches, tags and runs that there are.
  package let known: [String]

  init(_ kind: Kind, _ description: String, hint: String?, known: [String] = []) {
    self.kind = kind
    self.description = description
    self.hint = hint
    self.known = known
  }

  init(_ error: GitError) {
    self.init(.unreadable, error.description, hint: error.hint)
  }
}
