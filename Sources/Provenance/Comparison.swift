#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2
import Primitives

/// A file as it is compared with a commit.
struct ComparedFile {
  /// Absolute, symbolic links resolved.
  let resolved: String
  /// Below the root of the repository that compares.
  let relative: String
  let status: stat
  /// The whole content where it was read into memory.
  let bytes: [UInt8]?
  /// The content's digest where it is known already.
  let digest: Digest?

  func moved(to relative: String) -> ComparedFile {
    ComparedFile(
      resolved: resolved,
      relative: relative,
      status: status,
      bytes: bytes,
      digest: digest
    )
  }
}

/// How a file stands to a commit.
struct Comparison {
  var status: InputState.Status
  /// What the commit has at the path: a file, or nothing.
  var head: TreeEntry?
  /// The id of the file's bytes behind git's filters.
  var blob: git_oid
  /// The bytes behind git's filters, where the content was in memory.
  var cleaned: [UInt8]?
  /// Whether the filters leave the bytes as they are.
  var isRaw: Bool
  /// Whether the commit holds a large file's pointer in place of these bytes.
  var isLargeFile = false
  var submodule: SubmoduleFile?
}

extension Repository {
  /// Compares a file in the worktree with a commit's tree; one in a submodule with the commit of the
  /// submodule that the tree names.
  func compare(
    _ file: ComparedFile,
    with tree: borrowing Tree,
    _ index: borrowing Index
  ) throws(GitError) -> Comparison {
    if let (path, id, rest) = try tree.submodule(around: file.relative) {
      var result: Comparison
      if let inner = try Repository.at("\(root)/\(path)") {
        let moved = file.moved(to: rest)
        result = try inner.compare(moved, with: try inner.tree(of: id), try Index(of: inner))
      } else {
        // Its repository is not checked out: files of the user's own stand in its place.
        result = try cleaned(file)
        result.status = .untracked
      }
      let deeper = result.submodule
      result.submodule = SubmoduleFile(
        path: deeper.map { "\(path)/\($0.path)" } ?? path,
        commit: deeper?.commit ?? id.hex,
        file: deeper?.file ?? rest
      )
      return result
    }
    var result = try cleaned(file)
    result.head = try tree.entry(at: file.relative).flatMap { $0.isFile ? $0 : nil }
    if let head = result.head {
      try judge(&result, file, head, index)
    } else if !index.has(file.relative) {
      result.status = try isIgnored(file.relative) ? .ignored : .untracked
    }
    return result
  }

  /// The tree of a commit; empty where the repository does not have the commit.
  private func tree(of commit: git_oid) throws(GitError) -> Tree {
    guard try commit.size(in: handle) != nil else { return .empty() }
    return try Commit(commit, in: handle).tree()
  }

  /// What git's filters make of a file.
  private func cleaned(_ file: ComparedFile) throws(GitError) -> Comparison {
    let filters = try FilterList.cleaning(file.relative, in: handle)
    guard let bytes = file.bytes else {
      let id = try filters.blobID(ofFileAt: file.resolved, in: handle)
      var raw = id
      if !filters.isEmpty {
        try GitError.check(
          git_odb_hashfile(&raw, file.resolved, GIT_OBJECT_BLOB),
          "read '\(file.resolved)'"
        )
      }
      return Comparison(status: .dirty, blob: id, isRaw: id.equals(raw))
    }
    let cleaned = try filters.apply(to: bytes)
    var id = git_oid()
    let code = cleaned.withUnsafeBytes { bytes in
      git_odb_hash(&id, bytes.baseAddress, bytes.count, GIT_OBJECT_BLOB)
    }
    try GitError.check(code, "hash '\(file.resolved)'")
    return Comparison(status: .dirty, blob: id, cleaned: cleaned, isRaw: cleaned == bytes)
  }

  /// Whether a file's bytes are those that HEAD's blob holds, names as a large-file pointer, or
  /// stands for behind a program's filter as far as the index knows.
  private func judge(
    _ result: inout Comparison,
    _ file: ComparedFile,
    _ head: TreeEntry,
    _ index: borrowing Index
  ) throws(GitError) {
    if head.id.equals(result.blob) {
      result.status = .clean
    } else if let pointer = try Blob.pointer(head.id, in: handle) {
      result.isLargeFile = try digest(of: file) == pointer.digest
      if result.isLargeFile { result.status = .clean }
    } else if try Attributes.isConverted(file.relative, in: handle),
      let known = index.blob(ofUntouched: file.relative, file.status), known.equals(head.id)
    {
      result.status = .clean
    }
  }

  private func digest(of file: ComparedFile) throws(GitError) -> Digest {
    if let known = file.digest { return known }
    if let bytes = file.bytes { return Digest(of: bytes) }
    do throws(SystemRefusal) {
      return try FileReader(file.resolved).digest().digest
    } catch {
      throw GitError("read '\(file.resolved)'", system: error.number)
    }
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
