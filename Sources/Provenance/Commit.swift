import CGit2

/// A commit (`git_commit`), freed with its last use.
struct Commit: ~Copyable {
  let handle: OpaquePointer

  init(_ id: git_oid, in repository: OpaquePointer) throws(GitError) {
    var id = id
    var found: OpaquePointer?
    let code = git_commit_lookup(&found, repository, &id)
    guard code == 0, let found else {
      throw GitError(
        "read commit \(id.hex)",
        code: code,
        hint: code == GIT_ENOTFOUND.rawValue
          ? "a shallow or partial clone may lack it: git fetch origin \(id.hex)" : nil
      )
    }
    handle = found
  }

  deinit { git_commit_free(handle) }

  /// In seconds since 1970.
  var committerTime: Int64 { git_commit_time(handle) }

  var treeID: git_oid { git_commit_tree_id(handle).pointee }

  /// The folder at the commit's root.
  func tree() throws(GitError) -> Tree {
    let owner = git_commit_owner(handle)
    guard let owner else { preconditionFailure("BUG: a commit without a repository") }
    return try Tree(treeID, in: owner)
  }
}
