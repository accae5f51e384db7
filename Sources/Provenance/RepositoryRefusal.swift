import CGit2

/// A repository that is there and cannot be used.
enum RepositoryRefusal {
  /// It belongs to another user.
  case foreign(String)
  /// It has no worktree.
  case bare(String)
  /// Its objects are named by SHA-256.
  case sha256(String)
  /// It needs something else that libgit2 does not know: `refstorage`.
  case unknownExtension(String, at: String)

  /// What libgit2's last error on this thread says, if it is one of these.
  init?(_ code: Int32, at start: String) {
    if code == GIT_EOWNER.rawValue || Self.isForeignInDisguise(code) {
      self = .foreign(Self.folder(around: start))
      return
    }
    let mark = "unsupported extension name extensions."
    guard let message = GitError.lastMessage, message.hasPrefix(mark) else { return nil }
    let name = String(message.dropFirst(mark.count))
    let folder = Self.folder(around: start)
    self = name == "objectformat" ? .sha256(folder) : .unknownExtension(name, at: folder)
  }

  /// Whether "not found" means that the configuration allows no foreign repository.
  ///
  /// libgit2 1.5.1 looks for `safe.directory` in the user's configuration and, where there is a
  /// configuration but no such value, passes that look-up's code on: that of no repository at all.
  private static func isForeignInDisguise(_ code: Int32) -> Bool {
    code == GIT_ENOTFOUND.rawValue
      && git_error_last()?.pointee.klass == Int32(GIT_ERROR_CONFIG.rawValue)
  }

  private static func folder(around path: String) -> String {
    let start = FilePath.resolved(path) ?? path
    return FilePath.ancestors(of: start).first { FilePath.exists("\($0)/.git") } ?? start
  }

  var error: GitError {
    switch self {
    case .foreign(let folder):
      GitError(
        "open the repository '\(folder)'",
        code: GIT_EOWNER.rawValue,
        reason: "it belongs to another user, and a repository may name programs to run",
        hint: "if you trust it: git config --global --add safe.directory '\(folder)'"
      )
    case .bare(let folder):
      GitError(
        "use the repository '\(folder)'",
        code: GIT_EBAREREPO.rawValue,
        reason: "it is bare: it has no files to compare with",
        hint: "run in a clone of it, or in a worktree made by 'git worktree add'"
      )
    case .sha256(let folder):
      GitError(
        "use the repository '\(folder)'",
        reason: "its objects are named by SHA-256, which libgit2 \(GitLibrary.version) cannot read",
        hint: "make a copy with SHA-1 and run there: git init --object-format=sha1 COPY && "
          + "git -C '\(folder)' fast-export --all | git -C COPY fast-import && "
          + "git -C COPY checkout BRANCH"
      )
    case .unknownExtension(let name, let folder):
      GitError(
        "use the repository '\(folder)'",
        reason: "it needs git's extension '\(name)', which libgit2 \(GitLibrary.version) does not "
          + "know",
        hint: name == "refstorage"
          ? "keep its refs as files: git -C '\(folder)' refs migrate --ref-format=files"
          : "run in a clone without it: git clone '\(folder)' COPY"
      )
    }
  }
}
