#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2

extension Repository {
  /// How files stand to a commit, HEAD's as a rule, in the order asked for.
  ///
  /// - Throws: `GitError`, also where a file is not there or cannot be read.
  func states(ofFilesAt paths: [String], commit: String?) throws(GitError) -> [InputState] {
    let tree = try tree(of: commit)
    let index = try Index(of: self)
    var states: [InputState] = []
    for path in paths { states.append(try state(of: path, tree, index)) }
    return states
  }

  /// The tree of a commit by its id; empty for none.
  func tree(of commit: String?) throws(GitError) -> Tree {
    guard let commit else { return .empty() }
    return try Commit(try git_oid(hex: commit), in: handle).tree()
  }

  private func state(
    of path: String,
    _ tree: borrowing Tree,
    _ index: borrowing Index
  ) throws(GitError) -> InputState {
    var status = stat()
    guard let resolved = FilePath.resolved(path), stat(resolved, &status) == 0 else {
      throw GitError(
        "compare '\(path)' with HEAD",
        code: GIT_ENOTFOUND.rawValue,
        reason: "no such file"
      )
    }
    guard let relative = FilePath.relative(resolved, to: root) else {
      return InputState(outside: path, blob: try Self.rawBlob(resolved))
    }
    let file = ComparedFile(
      resolved: resolved,
      relative: relative,
      status: status,
      bytes: nil,
      digest: nil
    )
    return InputState(path, relative, try compare(file, with: tree, index))
  }

  /// The id that a file's bytes have as they are.
  static func rawBlob(_ path: String) throws(GitError) -> git_oid {
    var id = git_oid()
    try GitError.check(git_odb_hashfile(&id, path, GIT_OBJECT_BLOB), "read '\(path)'")
    return id
  }
}

extension InputState {
  init(outside path: String, blob: git_oid) {
    self.init(path: path, relativePath: nil, status: .outside, headBlob: nil, blob: blob.hex)
  }

  init(_ path: String, _ relative: String, _ comparison: Comparison) {
    self.init(
      path: path,
      relativePath: relative,
      status: comparison.status,
      headBlob: comparison.head?.id.hex,
      blob: comparison.blob.hex
    )
  }
}
