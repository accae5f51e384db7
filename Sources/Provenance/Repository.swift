import CGit2

/// One open repository with a worktree, freed with its last use (`git_repository`).
///
/// Every call blocks and belongs on one thread.
package struct Repository: ~Copyable {
  let handle: OpaquePointer
  /// The folder of the worktree, without a slash at the end, symbolic links resolved.
  package let root: String

  private init(owning handle: OpaquePointer, root: String) {
    self.handle = handle
    self.root = root
  }

  deinit { git_repository_free(handle) }

  /// The repository around a file or folder; nil where there is none.
  ///
  /// The search goes upwards within one file system, as git's does. git's owner check stays on: a
  /// repository may name programs to run.
  ///
  /// - Throws: `GitError` for a repository that belongs to another user, with the command that
  ///   allows it as the hint; for one without a worktree; for one that is damaged.
  package static func discover(from path: String) throws(GitError) -> Repository? {
    try GitLibrary.start()
    var opened: OpaquePointer?
    // From the folder: on an overlay a file may report another device than the folder it is in.
    let start = FilePath.isFolder(path) ? path : FilePath.folder(of: path)
    let code = git_repository_open_ext(&opened, start, 0, nil)
    if code == GIT_EOWNER.rawValue || isRefusalInDisguise(code) { throw foreign(path) }
    if code == GIT_ENOTFOUND.rawValue { return nil }
    guard code == 0, let opened else {
      throw GitError("open the repository around '\(path)'", code: code)
    }
    guard let workdir = git_repository_workdir(opened) else {
      defer { git_repository_free(opened) }
      let folder = git_repository_path(opened).map { String(cString: $0) } ?? path
      throw GitError(
        "use the repository '\(folder)'",
        code: GIT_EBAREREPO.rawValue,
        reason: "it is bare: it has no files to compare with",
        hint: "run in a clone of it, or in a worktree made by 'git worktree add'"
      )
    }
    var root = String(cString: workdir)
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    return Repository(owning: opened, root: FilePath.resolved(root) ?? root)
  }

  /// Whether "not found" means that the configuration allows no foreign repository.
  ///
  /// libgit2 1.5.1 looks for `safe.directory` in the user's configuration and, where there is a
  /// configuration but no such value, passes that look-up's code on: that of no repository at all.
  private static func isRefusalInDisguise(_ code: Int32) -> Bool {
    code == GIT_ENOTFOUND.rawValue
      && git_error_last()?.pointee.klass == Int32(GIT_ERROR_CONFIG.rawValue)
  }

  /// The refusal of another user's repository, with the command that makes git trust it.
  private static func foreign(_ path: String) -> GitError {
    let start = FilePath.resolved(path) ?? path
    let folder = FilePath.ancestors(of: start).first { FilePath.exists("\($0)/.git") } ?? start
    return GitError(
      "open the repository '\(folder)'",
      code: GIT_EOWNER.rawValue,
      reason: "it belongs to another user, and a repository may name programs to run",
      hint: "if you trust it: git config --global --add safe.directory '\(folder)'"
    )
  }
}
