// Provenance: which commit a file's bytes belong to, a run's inputs as a commit of their own, and
// the way back from a commit to files; by libgit2.
// It knows nothing about workflows, runs' records or the store.

import CGit2

/// The library itself, started once in a process.
///
/// It is never shut down: another thread may be inside it, and the process's end frees it.
enum GitLibrary {
  static func start() throws(GitError) { try GitError.check(code, "start libgit2") }

  /// Extensions that change nothing in what is read or written here, but that libgit2 1.5 refuses:
  /// settings of one worktree, objects fetched when they are wanted, objects never to be pruned.
  private static let harmless: [StaticString] = [
    "worktreeconfig", "partialclone", "preciousobjects",
  ]

  private static let code: Int32 = {
    let started = git_libgit2_init()
    guard started >= 0 else { return started }
    let synced = shim_git_enable_fsync()
    guard synced >= 0 else { return synced }
    var names: [UnsafePointer<CChar>?] = harmless.map { name in
      UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    return shim_git_allow_extensions(&names, names.count)
  }()

  /// `1.5.1`: what is installed, for messages.
  static var version: String {
    var numbers: (Int32, Int32, Int32) = (0, 0, 0)
    git_libgit2_version(&numbers.0, &numbers.1, &numbers.2)
    return "\(numbers.0).\(numbers.1).\(numbers.2)"
  }
}
