import CGit2
import Primitives

extension Repository {
  /// How files stand to HEAD, in the order asked for.
  ///
  /// - Throws: `GitError`, also where a file is not there or cannot be read.
  package func states(ofFilesAt paths: [String]) throws(GitError) -> [InputState] {
    let tree = try HeadTree(of: self)
    let index = try Index(of: self)
    var states: [InputState] = []
    for path in paths { states.append(try state(of: path, tree, index)) }
    return states
  }

  private func state(
    of path: String,
    _ tree: borrowing HeadTree,
    _ index: borrowing Index
  ) throws(GitError) -> InputState {
    guard let resolved = FilePath.resolved(path) else {
      throw GitError(
        "compare '\(path)' with HEAD",
        code: GIT_ENOTFOUND.rawValue,
        reason: "no such file"
      )
    }
    guard let relative = FilePath.relative(resolved, to: root) else {
      var id = git_oid()
      try GitError.check(
        git_odb_hashfile(&id, resolved, GIT_OBJECT_BLOB),
        "read '\(path)'"
      )
      return InputState(
        path: path,
        relativePath: nil,
        status: .outside,
        headBlob: nil,
        blob: id.hex
      )
    }
    var id = git_oid()
    try GitError.check(
      git_repository_hashfile(&id, handle, resolved, GIT_OBJECT_BLOB, relative),
      "read '\(path)'"
    )
    var headID = try tree.blob(at: relative)
    let status: InputState.Status =
      if headID != nil {
        try isHeads(&headID, id, resolved) ? .clean : .dirty
      } else if try index.has(relative) {
        .dirty
      } else {
        try isIgnored(relative) ? .ignored : .untracked
      }
    return InputState(
      path: path,
      relativePath: relative,
      status: status,
      headBlob: headID?.hex,
      blob: id.hex
    )
  }

  /// Whether a file's bytes are those that HEAD's blob holds or, as a large-file pointer, names.
  private func isHeads(
    _ head: inout git_oid?,
    _ file: git_oid,
    _ path: String
  ) throws(GitError) -> Bool {
    guard var headID = head else { return false }
    var fileID = file
    if git_oid_equal(&headID, &fileID) == 1 { return true }
    var blob: OpaquePointer?
    try GitError.check(git_blob_lookup(&blob, handle, &headID), "read blob \(headID.hex)")
    defer { git_blob_free(blob) }
    guard git_blob_rawsize(blob) <= LargeFilePointer.sizeLimit,
      let content = git_blob_rawcontent(blob)
    else { return false }
    let bytes = Array(UnsafeRawBufferPointer(start: content, count: Int(git_blob_rawsize(blob))))
    guard let named = LargeFilePointer.digest(in: bytes) else { return false }
    return try LargeFilePointer.digest(ofFileAt: path) == named
  }

  private func isIgnored(_ path: String) throws(GitError) -> Bool {
    var ignored: Int32 = 0
    try GitError.check(
      git_ignore_path_is_ignored(&ignored, handle, path),
      "look for ignore rules of '\(path)'"
    )
    return ignored == 1
  }
}

/// The tree of HEAD's commit (`git_tree`); empty before the first commit.
private struct HeadTree: ~Copyable {
  private let handle: OpaquePointer?

  init(of repository: borrowing Repository) throws(GitError) {
    var object: OpaquePointer?
    let code = git_revparse_single(&object, repository.handle, "HEAD^{tree}")
    if code == GIT_ENOTFOUND.rawValue || code == GIT_EUNBORNBRANCH.rawValue {
      handle = nil
      return
    }
    guard code == 0 else { throw GitError("read HEAD's tree", code: code) }
    handle = object
  }

  deinit { git_object_free(handle) }

  /// The id of the file at a path below the root; nil where there is none.
  func blob(at path: String) throws(GitError) -> git_oid? {
    guard let handle else { return nil }
    var entry: OpaquePointer?
    let code = git_tree_entry_bypath(&entry, handle, path)
    if code == GIT_ENOTFOUND.rawValue { return nil }
    try GitError.check(code, "look for '\(path)' in HEAD")
    defer { git_tree_entry_free(entry) }
    guard git_tree_entry_type(entry) == GIT_OBJECT_BLOB else { return nil }
    return git_tree_entry_id(entry)?.pointee
  }
}

/// The index of a repository (`git_index`).
private struct Index: ~Copyable {
  private let handle: OpaquePointer?

  init(of repository: borrowing Repository) throws(GitError) {
    var opened: OpaquePointer?
    let code = git_repository_index(&opened, repository.handle)
    guard code == 0 else { throw GitError("read the index", code: code) }
    handle = opened
  }

  deinit { git_index_free(handle) }

  func has(_ path: String) throws(GitError) -> Bool {
    git_index_get_bypath(handle, path, 0) != nil
  }
}
