import CGit2

/// git's own filters for one path in one direction: line ends and `ident` (`git_filter_list`).
struct FilterList: ~Copyable {
  /// Nil where no filter applies.
  private let handle: OpaquePointer?
  private let path: String

  /// From the worktree into git.
  static func cleaning(_ path: String, in repository: OpaquePointer) throws(GitError) -> FilterList
  {
    try FilterList(path, blob: nil, in: repository, GIT_FILTER_TO_ODB)
  }

  /// From git into the worktree.
  static func smudging(
    _ path: String,
    _ blob: borrowing Blob,
    in repository: OpaquePointer
  ) throws(GitError) -> FilterList {
    try FilterList(path, blob: blob.handle, in: repository, GIT_FILTER_TO_WORKTREE)
  }

  /// From git into the worktree, whatever the blob: enough to see whether any filter applies.
  static func smudging(_ path: String, in repository: OpaquePointer) throws(GitError) -> FilterList
  {
    try FilterList(path, blob: nil, in: repository, GIT_FILTER_TO_WORKTREE)
  }

  private init(
    _ path: String,
    blob: OpaquePointer?,
    in repository: OpaquePointer,
    _ mode: git_filter_mode_t
  ) throws(GitError) {
    var found: OpaquePointer?
    // What `core.safecrlf` would refuse is found by comparing bytes.
    let flags = GIT_FILTER_ALLOW_UNSAFE.rawValue
    try GitError.check(
      git_filter_list_load(&found, repository, blob, path, mode, flags),
      "look for the filters of '\(path)'"
    )
    handle = found
    self.path = path
  }

  deinit { git_filter_list_free(handle) }

  var isEmpty: Bool { handle == nil }

  func apply(to bytes: [UInt8]) throws(GitError) -> [UInt8] {
    guard handle != nil, !bytes.isEmpty else { return bytes }
    return try filtered { buffer in
      bytes.withUnsafeBytes { bytes in
        let text = bytes.bindMemory(to: CChar.self)
        return git_filter_list_apply_to_buffer(&buffer, handle, text.baseAddress, text.count)
      }
    }
  }

  /// Filters a blob's content; only so does `ident` learn the blob's id.
  func apply(to blob: borrowing Blob) throws(GitError) -> [UInt8] {
    guard handle != nil, blob.size > 0 else { return blob.bytes }
    return try filtered { git_filter_list_apply_to_blob(&$0, handle, blob.handle) }
  }

  private func filtered(_ body: (inout git_buf) -> Int32) throws(GitError) -> [UInt8] {
    var buffer = git_buf()
    try GitError.check(body(&buffer), "filter '\(path)'")
    defer { git_buf_dispose(&buffer) }
    return buffer.ptr.map { Array(UnsafeRawBufferPointer(start: $0, count: buffer.size)) } ?? []
  }

  /// The id that a file has as a blob behind the filters.
  func blobID(ofFileAt file: String, in repository: OpaquePointer) throws(GitError) -> git_oid {
    var id = git_oid()
    guard handle != nil else {
      try GitError.check(git_odb_hashfile(&id, file, GIT_OBJECT_BLOB), "read '\(file)'")
      return id
    }
    var buffer = git_buf()
    try GitError.check(
      git_filter_list_apply_to_file(&buffer, handle, repository, file),
      "filter '\(file)'"
    )
    defer { git_buf_dispose(&buffer) }
    try GitError.check(
      git_odb_hash(&id, buffer.ptr, buffer.size, GIT_OBJECT_BLOB),
      "hash '\(file)'"
    )
    return id
  }
}
