package import Primitives

/// The state of a repository and of a run's inputs at one moment: what a run record pins.
package struct GitState: Hashable, Sendable {
  /// The worktree's folder; for finding files, not for the record.
  package let root: String
  package let commit: String?
  package let branch: String?
  /// Without user name, password or token.
  package let remote: String?
  /// In the order asked for.
  package let inputs: [InputState]

  /// Whether any input's bytes belong to no commit although git looks after such a file.
  package var isDirty: Bool { inputs.contains(where: \.isDirty) }

  /// Reads the state of the repository around a path.
  ///
  /// Blocking; call it on one thread of its own.
  ///
  /// - Parameters:
  ///   - path: A file or folder; the repository is looked for from there upwards.
  ///   - inputs: The files whose bytes the run reads, inside the repository or outside.
  /// - Returns: The state; nil where there is no repository.
  /// - Throws: `GitError`.
  package static func read(
    startingAt path: String,
    inputs: [String]
  ) throws(GitError) -> GitState? {
    guard let repository = try Repository.discover(from: path) else { return nil }
    let head = try repository.head()
    return GitState(
      root: repository.root,
      commit: head.commit,
      branch: head.branch,
      remote: try repository.remoteURL(),
      inputs: try repository.states(ofFilesAt: inputs, commit: head.commit)
    )
  }

  /// What a run record keeps; paths are those below the root, or as asked for outside it.
  package var json: JSON {
    [
      "commit": JSON(commit), "branch": JSON(branch), "remote": JSON(remote),
      "dirty": .bool(isDirty),
      "inputs": .array(
        inputs.map { input in
          [
            "path": .string(input.relativePath ?? input.path),
            "status": .string(input.status.rawValue), "blob": .string(input.blob),
            "head_blob": JSON(input.headBlob),
          ]
        }
      ),
    ]
  }
}
