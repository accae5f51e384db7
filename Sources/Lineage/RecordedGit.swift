package import Primitives

/// The state of the repository that a run started from.
package struct RecordedGit: Sendable {
  /// An input of the run, as git sees it.
  package struct Input: Hashable, Sendable {
    /// Below the worktree's root, or absolute outside of it.
    package let path: String
    /// `clean`, `dirty`, `untracked`, `ignored` or `outside`.
    package let status: String
    /// The id that the bytes have as a blob.
    package let blob: String?
    /// The id of the blob in HEAD; nil where HEAD has no such file.
    package let headBlob: String?
    /// What keeps the bytes: `head`, `commit`, `manifest` or `store`; nil in records of releases
    /// that pinned nothing.
    package let pinned: String?
    /// Of the bytes that the run read; nil in records of releases that pinned nothing.
    package let digest: Digest?
  }

  /// HEAD; nil in a repository without commits.
  package let commit: String?
  package let branch: String?
  package let remote: String?
  /// Whether the bytes of an input were in no commit.
  package let isDirty: Bool
  /// The commit that holds the inputs as they were; HEAD itself where all were clean.
  package let runCommit: String?
  /// The ref that keeps that commit.
  package let ref: String?
  package let inputs: [Input]

  init(json: JSON) {
    commit = json["commit"]?.string
    branch = json["branch"]?.string
    remote = json["remote"]?.string
    isDirty = json["dirty"]?.bool ?? false
    runCommit = json["run_commit"]?.string
    ref = json["ref"]?.string
    inputs = (json["inputs"]?.array ?? []).compactMap { entry in
      guard let path = entry["path"]?.string, let status = entry["status"]?.string else {
        return nil
      }
      return Input(
        path: path,
        status: status,
        blob: entry["blob"]?.string,
        headBlob: entry["head_blob"]?.string,
        pinned: entry["pinned"]?.string,
        digest: entry["sha256"]?.string.flatMap { Digest(hex: $0) }
      )
    }
  }
}
