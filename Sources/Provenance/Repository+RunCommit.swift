#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2

extension Repository {
  /// Writes a run's commit, which nothing refers to yet.
  ///
  /// Nothing in it depends on the run, the user or the clock. Where the commit is there, so is all
  /// that it needs, on disk.
  ///
  /// - Parameters:
  ///   - tree: The commit's tree.
  ///   - parent: HEAD's commit.
  ///   - parts: Objects of the tree that may have been written without being synced.
  /// - Returns: The commit's id.
  /// - Throws: `GitError`.
  func writeRunCommit(
    tree: git_oid,
    parent: String?,
    syncing parts: [git_oid]
  ) throws(GitError) -> git_oid {
    let bytes = try runCommit(tree: tree, parent: parent)
    var objects: OpaquePointer?
    try GitError.check(git_repository_odb(&objects, handle), "open git's objects")
    defer { git_odb_free(objects) }
    var id = try git_oid(hashing: bytes, as: GIT_OBJECT_COMMIT)
    if try id.size(in: handle) == nil { try sync(objects: parts) }
    let code = bytes.withUnsafeBytes { bytes in
      git_odb_write(&id, objects, bytes.baseAddress, bytes.count, GIT_OBJECT_COMMIT)
    }
    try GitError.check(code, "write the run's commit to '\(root)'")
    try Self.sync(commonFolder + "objects")
    return id
  }

  private func runCommit(tree: git_oid, parent: String?) throws(GitError) -> [UInt8] {
    let folder = try Tree(tree, in: handle)
    guard let parent else {
      return try Signature(seconds: 0).commit(folder, parent: nil, in: handle)
    }
    let head = try Commit(try git_oid(hex: parent), in: handle)
    return try Signature(seconds: head.committerTime)
      .commit(folder, parent: head.handle, in: handle)
  }

  /// Makes sure that objects outlive a power cut which git itself wrote before: it does not sync
  /// them by default.
  private func sync(objects ids: [git_oid]) throws(GitError) {
    var parents: Set<String> = []
    for id in ids {
      let name = id.hex
      let parent = "\(commonFolder)objects/\(name.prefix(2))"
      // Objects in packs are not there, and were synced with their pack.
      guard FilePath.exists("\(parent)/\(name.dropFirst(2))") else { continue }
      try Self.sync("\(parent)/\(name.dropFirst(2))")
      parents.insert(parent)
    }
    for parent in parents { try Self.sync(parent) }
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

  /// The bytes of a commit.
  func commit(
    _ tree: borrowing Tree,
    parent: OpaquePointer?,
    in repository: OpaquePointer
  ) throws(GitError) -> [UInt8] {
    var parents = [parent]
    let message = "The inputs of a run\n"
    let count = parent == nil ? 0 : 1
    var buffer = git_buf()
    let code = git_commit_create_buffer(
      &buffer,
      repository,
      handle,
      handle,
      nil,
      message,
      tree.handle,
      count,
      &parents
    )
    try GitError.check(code, "make the run's commit")
    defer { git_buf_dispose(&buffer) }
    return buffer.ptr.map { Array(UnsafeRawBufferPointer(start: $0, count: buffer.size)) } ?? []
  }
}
