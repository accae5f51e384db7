import CGit2
import Primitives

extension Repository {
  /// Every file of a commit, sorted by the bytes of its path; no content is read.
  package func files(in commit: String) throws(GitError) -> [TreeFile] {
    var files: [TreeFile] = []
    for entry in try TreeWalk(try tree(of: commit), in: handle).entries {
      let kind = TreeFile.Kind(entry.mode)
      files.append(
        TreeFile(
          path: entry.path,
          id: entry.id.hex,
          kind: kind,
          size: kind == .submodule ? nil : try entry.id.size(in: handle),
          problem: entry.problem
        )
      )
    }
    return files
  }

  /// The inputs that a run's commit names without holding them, sorted by path; none in a commit
  /// that is no run's.
  package func manifest(in commit: String) throws(GitError) -> [ManifestFile] {
    let entry = try tree(of: commit).entry(at: InputManifest.path)
    guard let entry, entry.isFile else { return [] }
    return try InputManifest(parsing: try Blob(entry.id, in: handle).bytes).files
  }

  /// The bytes of one file of a commit as git would check it out here, links within the commit
  /// followed.
  ///
  /// - Returns: The bytes; nil where the commit has no such file.
  /// - Throws: `GitError`, also for a file of Git LFS whose bytes are not in this clone.
  package func contents(of path: String, in commit: String) throws(GitError) -> [UInt8]? {
    let tree = try tree(of: commit)
    var path = FilePath.steps(path).joined(separator: "/")
    // As many links as the system follows.
    for _ in 0..<40 {
      guard let entry = try tree.entry(at: path) else { return nil }
      if entry.isFile { return try contents(of: entry, at: path, tree) }
      guard entry.mode == GIT_FILEMODE_LINK else { return nil }
      let target = String(decoding: try Blob(entry.id, in: handle).bytes, as: UTF8.self)
      guard TreePath.isInside(linkAt: path, leadingTo: target) else { return nil }
      var steps = FilePath.steps(path).dropLast()
      for step in FilePath.steps(target) {
        if step == ".." { steps.removeLast() } else { steps.append(step) }
      }
      path = steps.joined(separator: "/")
    }
    return nil
  }

  private func contents(
    of entry: TreeEntry,
    at path: String,
    _ tree: borrowing Tree
  ) throws(GitError) -> [UInt8] {
    let filters = try TreeFilters(of: tree, in: commonFolder, for: [path])
    let blob = try Blob(entry.id, in: handle)
    guard let pointer = blob.pointer, try filters.areLargeFile(at: path) else {
      return try filters.smudged(blob, at: path)
    }
    guard let bytes = LargeFileStore(commonFolder).bytes(of: pointer) else {
      throw GitError(
        "read '\(path)' of the commit",
        reason: "its bytes are in Git LFS, and not in this clone",
        hint: "git -C '\(root)' lfs fetch"
      )
    }
    return bytes
  }
}

extension TreeFile.Kind {
  fileprivate init(_ mode: git_filemode_t) {
    switch mode {
    case GIT_FILEMODE_BLOB_EXECUTABLE: self = .executable
    case GIT_FILEMODE_LINK: self = .link
    case GIT_FILEMODE_COMMIT: self = .submodule
    default: self = .file
    }
  }
}

/// Where Git LFS keeps the large files of a clone.
///
/// Source: git-lfs `docs/spec.md`, "The Server" and `lfs.storage`'s default.
struct LargeFileStore {
  private let folder: String

  init(_ commonFolder: String) { folder = commonFolder + "lfs/objects" }

  func path(of digest: Digest) -> String {
    let hex = digest.hex
    return "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
  }

  /// A large file's bytes; nil where they are not here, or damaged.
  func bytes(of pointer: LargeFilePointer) -> [UInt8]? {
    let bytes = try? FileReader(path(of: pointer.digest)).bytes(upTo: pointer.size)
    return bytes.flatMap { Digest(of: $0) == pointer.digest ? $0 : nil }
  }
}
