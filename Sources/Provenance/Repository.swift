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
  ///   allows it as the hint; for one without a worktree; for one that libgit2 cannot read, with
  ///   what to do about it; for one that is damaged.
  package static func discover(from path: String) throws(GitError) -> Repository? {
    // From the folder: on an overlay a file may report another device than the folder it is in.
    try open(FilePath.isFolder(path) ? path : FilePath.folder(of: path), flags: 0)
  }

  /// The repository whose worktree is a folder; nil where the folder is none, or is not there.
  static func at(_ folder: String) throws(GitError) -> Repository? {
    try open(folder, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue)
  }

  private static func open(_ start: String, flags: UInt32) throws(GitError) -> Repository? {
    try GitLibrary.start()
    var opened: OpaquePointer?
    let code = git_repository_open_ext(&opened, start, flags, nil)
    guard code == 0, let opened else {
      if let refusal = RepositoryRefusal(code, at: start) { throw refusal.error }
      if code == GIT_ENOTFOUND.rawValue { return nil }
      throw GitError("open the repository around '\(start)'", code: code)
    }
    guard let workdir = git_repository_workdir(opened) else {
      defer { git_repository_free(opened) }
      let folder = git_repository_path(opened).map { String(cString: $0) } ?? start
      throw RepositoryRefusal.bare(folder).error
    }
    var root = String(cString: workdir)
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    return Repository(owning: opened, root: FilePath.resolved(root) ?? root)
  }

  /// git's own folder, shared by all worktrees, with a slash at the end.
  var commonFolder: String {
    guard let path = git_repository_commondir(handle) else { return "\(root)/.git/" }
    return String(cString: path)
  }

  /// A truth value of git's configuration; nil where it says nothing.
  func setting(_ name: String) -> Bool? {
    var configuration: OpaquePointer?
    guard git_repository_config_snapshot(&configuration, handle) == 0 else { return nil }
    defer { git_config_free(configuration) }
    var value: Int32 = 0
    return git_config_get_bool(&value, configuration, name) == 0 ? value != 0 : nil
  }
}
