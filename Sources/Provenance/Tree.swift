import CGit2

/// What a tree holds at a path.
struct TreeEntry {
  let id: git_oid
  let mode: git_filemode_t

  var isFile: Bool { mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE }
  var isExecutable: Bool { mode == GIT_FILEMODE_BLOB_EXECUTABLE }
}

/// The tree of a commit (`git_tree`); empty before the first commit.
struct Tree: ~Copyable {
  let handle: OpaquePointer?

  static func empty() -> Tree { Tree(owning: nil) }

  private init(owning handle: OpaquePointer?) { self.handle = handle }

  init(_ id: git_oid, in repository: OpaquePointer) throws(GitError) {
    var id = id
    var found: OpaquePointer?
    let code = git_tree_lookup(&found, repository, &id)
    guard code == 0 else { throw GitError("read tree \(id.hex)", code: code) }
    handle = found
  }

  deinit { git_tree_free(handle) }

  var id: git_oid? { handle.flatMap { git_tree_id($0)?.pointee } }

  /// The entry at a path below the root; nil where there is none.
  func entry(at path: String) throws(GitError) -> TreeEntry? {
    guard let handle else { return nil }
    var entry: OpaquePointer?
    let code = git_tree_entry_bypath(&entry, handle, path)
    if code == GIT_ENOTFOUND.rawValue { return nil }
    try GitError.check(code, "look for '\(path)' in a commit")
    defer { git_tree_entry_free(entry) }
    return git_tree_entry_id(entry).map {
      TreeEntry(id: $0.pointee, mode: git_tree_entry_filemode(entry))
    }
  }

  /// The submodule that a path is in: where it is, its commit, and the path within; nil for none.
  func submodule(around path: String) throws(GitError) -> (path: String, id: git_oid, rest: String)?
  {
    let steps = FilePath.steps(path)
    // Only a folder's tree can hold more, so that the search ends where there is none.
    for count in 1..<max(steps.count, 1) {
      let outer = steps.prefix(count).joined(separator: "/")
      guard let entry = try entry(at: outer) else { return nil }
      if entry.mode == GIT_FILEMODE_COMMIT {
        return (outer, entry.id, steps.dropFirst(count).joined(separator: "/"))
      }
      guard entry.mode == GIT_FILEMODE_TREE else { return nil }
    }
    return nil
  }
}
