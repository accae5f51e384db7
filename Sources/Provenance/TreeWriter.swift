#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2
import Primitives

/// Writes trees into a folder, and keeps account of what it could not write.
struct TreeWriter: ~Copyable {
  let folder: PrivateFolder
  var result: RestoredTree
  /// Digests that files shall have, by path below the folder.
  let expecting: [String: Digest]

  /// Writes one tree.
  ///
  /// - Parameters:
  ///   - tree: The tree of a commit.
  ///   - repository: Where the tree is.
  ///   - prefix: Where the tree belongs below the folder: empty, or with a slash at the end.
  ///   - isSelected: Whether a path below the folder is wanted.
  /// - Throws: `GitError` where git cannot be read or the folder cannot be written.
  mutating func write(
    _ tree: borrowing Tree,
    of repository: borrowing Repository,
    below prefix: String,
    selecting isSelected: (String) -> Bool
  ) throws(GitError) {
    let entries = try TreeWalk(tree, in: repository.handle).entries
      .filter { isSelected(prefix + $0.path) }
    let source = Source(
      filters: try TreeFilters(of: tree, in: repository.commonFolder, for: entries.map(\.path)),
      largeFiles: LargeFileStore(repository.commonFolder),
      prefix: prefix
    )
    for entry in entries {
      if let problem = entry.problem {
        refuse(prefix + entry.path, problem)
      } else if entry.mode == GIT_FILEMODE_COMMIT {
        try writeSubmodule(entry, of: repository, below: prefix, selecting: isSelected)
      } else if try entry.id.size(in: repository.handle) == nil {
        refuse(prefix + entry.path, "its bytes are not in this clone, which is partial")
      } else if entry.mode == GIT_FILEMODE_LINK {
        try writeLink(entry, source)
      } else {
        try writeFile(entry, source)
      }
    }
  }

  /// Where files come from.
  private struct Source: ~Copyable {
    let filters: TreeFilters
    let largeFiles: LargeFileStore
    let prefix: String
  }

  private mutating func refuse(_ path: String, _ reason: String) {
    result.refused.append(RestoredTree.Refused(path: path, reason: reason))
  }

  private mutating func writeLink(
    _ entry: TreeWalk.Entry,
    _ source: borrowing Source
  ) throws(GitError) {
    let path = source.prefix + entry.path
    let bytes = try Blob(entry.id, in: source.filters.handle).bytes
    let target = String(decoding: bytes, as: UTF8.self)
    // A submodule is a tree of its own: its links may not lead around in the outer one.
    guard TreePath.isInside(linkAt: entry.path, leadingTo: target) else {
      refuse(path, "it is a symbolic link out of the tree, to '\(target)'")
      return
    }
    do throws(SystemRefusal) {
      try folder.link(path, to: target)
      result.files.append(path)
    } catch {
      try settle(error, path)
    }
  }

  private mutating func writeFile(
    _ entry: TreeWalk.Entry,
    _ source: borrowing Source
  ) throws(GitError) {
    let path = source.prefix + entry.path
    let isExecutable = entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE
    let blob = try Blob(entry.id, in: source.filters.handle)
    if let pointer = blob.pointer, try source.filters.areLargeFile(at: entry.path) {
      try writeLargeFile(pointer, path, isExecutable, source.largeFiles)
      return
    }
    if try Attributes.isConverted(entry.path, in: source.filters.handle) {
      result.unconverted.append(path)
    }
    let checkedOut = try source.filters.smudged(blob, at: entry.path)
    let bytes = expected(checkedOut, or: blob.bytes, path)
    do throws(SystemRefusal) {
      try folder.write(bytes, to: path, isExecutable: isExecutable)
      result.files.append(path)
    } catch {
      try settle(error, path)
    }
  }

  /// The bytes that have the digest expected: as checked out here, as git holds them, or with CRLF.
  private mutating func expected(
    _ checkedOut: [UInt8],
    or raw: [UInt8],
    _ path: String
  ) -> [UInt8] {
    guard let digest = expecting[path], Digest(of: checkedOut) != digest else { return checkedOut }
    if Digest(of: raw) == digest { return raw }
    let lines = raw.split(separator: 0x0A, omittingEmptySubsequences: false)
    let windows = Array(lines.joined(separator: [0x0D, 0x0A]))
    if Digest(of: windows) == digest { return windows }
    result.differing.append(path)
    return checkedOut
  }

  private mutating func writeLargeFile(
    _ pointer: LargeFilePointer,
    _ path: String,
    _ isExecutable: Bool,
    _ store: LargeFileStore
  ) throws(GitError) {
    let stored = store.path(of: pointer.digest)
    do throws(SystemRefusal) {
      if FilePath.exists(stored),
        try folder.copy(stored, to: path, pointer.digest, isExecutable: isExecutable)
      {
        result.files.append(path)
        return
      }
    } catch {
      try settle(error, path)
      return
    }
    result.needed.append(
      RestoredTree.Needed(
        path: path,
        digest: pointer.digest,
        size: pointer.size,
        isExecutable: isExecutable,
        isOutside: false,
        source: .largeFile
      )
    )
  }

  /// Writes a submodule's files if its repository is here and has the commit.
  private mutating func writeSubmodule(
    _ entry: TreeWalk.Entry,
    of repository: borrowing Repository,
    below prefix: String,
    selecting isSelected: (String) -> Bool
  ) throws(GitError) {
    let path = prefix + entry.path
    var missing: String? = "its repository is not in this clone"
    let folders = [
      "\(repository.root)/\(entry.path)", "\(repository.commonFolder)modules/\(entry.path)",
    ]
    for folder in folders {
      guard let inner = try Repository.at(folder) else { continue }
      guard try entry.id.size(in: inner.handle) != nil else {
        missing = "its repository has not the commit"
        continue
      }
      let tree = try inner.tree(of: entry.id.hex)
      try write(tree, of: inner, below: path + "/", selecting: isSelected)
      missing = nil
      break
    }
    result.submodules.append(
      RestoredTree.Submodule(path: path, commit: entry.id.hex, missing: missing)
    )
  }

  /// Takes a refusal that is about one name; one of the whole file system ends the restore.
  private mutating func settle(_ error: SystemRefusal, _ path: String) throws(GitError) {
    switch error.number {
    case ENAMETOOLONG, EEXIST, ENOTDIR, ELOOP, EINVAL, EILSEQ, EISDIR:
      refuse(path, FilePath.message(of: error.number).lowercased())
    default:
      throw GitError("write '\(path)' into '\(result.folder)'", system: error.number)
    }
  }
}
