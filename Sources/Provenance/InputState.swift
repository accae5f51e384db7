/// How a file's bytes stand to the commit in HEAD.
package struct InputState: Hashable, Sendable {
  package enum Status: String, CaseIterable, Sendable {
    /// The bytes are those of HEAD, as git would check them out here.
    case clean
    /// HEAD or the index has the file, HEAD with other bytes or not at all.
    case dirty
    /// Neither HEAD nor the index has the file.
    case untracked
    /// Neither has it, and an ignore rule says that neither should.
    case ignored
    /// The file, its symbolic links resolved, is not in the worktree.
    case outside
  }

  /// As it was asked for.
  package let path: String
  /// Below the worktree's root; nil for a file outside.
  package let relativePath: String?
  package let status: Status
  /// The id of HEAD's blob in hexadecimal; nil where HEAD has no such file.
  package let headBlob: String?
  /// The id that the file's bytes have as a blob, after git's own filters (line ends).
  package let blob: String

  /// Whether the bytes belong to no commit although git looks after such a file.
  ///
  /// Ignored files and files outside are pinned by digest alone, and meant to be.
  package var isDirty: Bool { status == .dirty || status == .untracked }
}
