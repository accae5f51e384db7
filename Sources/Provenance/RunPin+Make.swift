extension RunPin {
  /// Pins the inputs of a run: HEAD's commit if it holds all of them, else a commit of their own,
  /// under a ref of the run's own.
  ///
  /// Index, worktree, HEAD and reflogs stay untouched. The same inputs over the same HEAD make the
  /// same commit, whatever the run, the machine and the time. Blocking; call it on one thread.
  ///
  /// - Parameters:
  ///   - path: A file or folder; the repository is looked for from there upwards.
  ///   - inputs: Every file that the run reads, inside the repository or outside.
  ///   - id: The run's id, the last step of the ref's name.
  /// - Returns: Where each input is kept; nil where there is no repository.
  /// - Throws: `PinError` for an input that is not what the run read, and for a repository that
  ///   cannot be read. One that cannot be written is no error: see `notPinned`.
  package static func make(
    startingAt path: String,
    inputs: [PinInput],
    run id: String
  ) throws(PinError) -> RunPin? {
    var pinner: Pinner
    do throws(GitError) {
      guard let repository = try Repository.discover(from: path) else { return nil }
      pinner = try Pinner(repository)
    } catch {
      throw .git(error)
    }
    for input in inputs { try pinner.add(input) }
    let commit = pinner.seal(run: id)
    do throws(GitError) {
      return try RunPin(pinner, commit: commit, ref: Repository.runRef(id))
    } catch {
      throw .git(error)
    }
  }

  private init(_ pinner: borrowing Pinner, commit: String?, ref: String) throws(GitError) {
    let inputs = pinner.drafts.map(\.pinned)
    state = GitState(
      root: pinner.repository.root,
      commit: pinner.head.commit,
      branch: pinner.head.branch,
      remote: try pinner.repository.remoteURL(),
      inputs: inputs.map(\.state)
    )
    self.inputs = inputs
    self.commit = commit
    self.ref = pinner.failure == nil ? ref : nil
    notPinned = pinner.failure
  }
}
