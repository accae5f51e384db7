/// A file of a commit.
package struct TreeFile: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case file
    case executable
    /// A symbolic link; its blob holds where it leads.
    case link
    /// Another repository; its id is that of a commit there.
    case submodule
  }

  /// Below the root of the worktree.
  package let path: String
  /// The id of the blob, of a submodule's commit: 40 hexadecimal digits.
  package let id: String
  package let kind: Kind
  /// In bytes, before git's filters; nil for submodules and for blobs that are not in this clone.
  package let size: Int64?
  /// Why a restore would not write it; nil where it would.
  package let problem: String?
}
