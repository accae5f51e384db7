#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2

extension Repository {
  /// Writes a run's commit, which nothing refers to yet.
  ///
  /// Nothing in it depends on the run, the user or the clock.
  func writeRunCommit(tree: git_oid, parent: String?) throws(GitError) -> git_oid {
    let folder = try Tree(tree, in: handle)
    var id = git_oid()
    guard let parent else {
      let code = try Signature(seconds: 0).create(&id, in: handle, folder, parent: nil)
      try GitError.check(code, "write the run's commit")
      return id
    }
    let head = try Commit(try git_oid(hex: parent), in: handle)
    let signature = try Signature(seconds: head.committerTime)
    let code = signature.create(&id, in: handle, folder, parent: head.handle)
    try GitError.check(code, "write the run's commit")
    return id
  }

  /// Makes sure that objects outlive a power cut.
  ///
  /// libgit2 syncs what it writes; left are objects that git itself had written before, which it
  /// does not sync by default, and the folder in which their folders are.
  func sync(objects ids: [git_oid]) throws(GitError) {
    let folder = commonFolder + "objects"
    for id in ids {
      let name = id.hex
      let parent = "\(folder)/\(name.prefix(2))"
      // Objects in packs are not there, and were synced with their pack.
      guard FilePath.exists("\(parent)/\(name.dropFirst(2))") else { continue }
      try Self.sync("\(parent)/\(name.dropFirst(2))")
      try Self.sync(parent)
    }
    try Self.sync(folder)
  }

  static func sync(_ path: String) throws(GitError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    // A gc may have packed the object meanwhile.
    if descriptor < 0, errno == ENOENT { return }
    guard descriptor >= 0 else { throw GitError("sync '\(path)'", system: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw GitError("sync '\(path)'", system: errno) }
  }
}

/// Author and committer of every run's commit (`git_signature`).
private struct Signature: ~Copyable {
  private let handle: UnsafeMutablePointer<git_signature>

  /// Signs with a time in seconds since 1970, in universal time.
  init(seconds: Int64) throws(GitError) {
    var made: UnsafeMutablePointer<git_signature>?
    let code = git_signature_new(&made, "distill", "distill@localhost", seconds, 0)
    guard code == 0, let made else { throw GitError("sign the run's commit", code: code) }
    handle = made
  }

  deinit { git_signature_free(handle) }

  func create(
    _ id: inout git_oid,
    in repository: OpaquePointer,
    _ tree: borrowing Tree,
    parent: OpaquePointer?
  ) -> Int32 {
    var parents = [parent]
    let message = "The inputs of a run\n"
    let count = parent == nil ? 0 : 1
    return git_commit_create(
      &id,
      repository,
      nil,
      handle,
      handle,
      nil,
      message,
      tree.handle,
      count,
      &parents
    )
  }
}
