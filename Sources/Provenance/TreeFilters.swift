import CGit2
import Primitives

/// git's filters for checking files out of one tree: by the tree's own `.gitattributes`, and by the
/// settings of the repository that the tree is in.
///
/// It looks at the repository without its worktree, so that neither the worktree's files nor its
/// index have a say.
struct TreeFilters: ~Copyable {
  private let repository: BareRepository

  /// Makes the filters of a tree for the files to be asked about.
  ///
  /// The folder is git's own, shared by all worktrees; its owner has been checked.
  init(
    of tree: borrowing Tree,
    in commonFolder: String,
    for paths: some Sequence<String>
  ) throws(GitError) {
    let opened = try BareRepository(commonFolder)
    var index: OpaquePointer?
    try GitError.check(git_index_new(&index), "make an index for attributes")
    defer { git_index_free(index) }
    try GitError.check(
      git_repository_set_index(opened.handle, index),
      "use an index for attributes"
    )
    for path in Self.attributeFiles(around: paths) {
      guard let entry = try tree.entry(at: path), entry.isFile else { continue }
      let code = path.withCString { name in
        var added = git_index_entry()
        added.mode = UInt32(GIT_FILEMODE_BLOB.rawValue)
        added.id = entry.id
        added.path = name
        return git_index_add(index, &added)
      }
      try GitError.check(code, "look at '\(path)'")
    }
    repository = opened
  }

  var handle: OpaquePointer { repository.handle }

  /// Where attributes of the paths may stand: in each folder around them.
  private static func attributeFiles(around paths: some Sequence<String>) -> [String] {
    var folders: Set<[UInt8]> = [[]]
    for path in paths {
      var rest = path.utf8[...]
      while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
        rest = rest[..<slash]
        guard folders.insert(Array(rest)).inserted else { break }
      }
    }
    return folders.map { $0.isEmpty ? "" : String(decoding: $0, as: UTF8.self) + "/" }
      .map { $0 + ".gitattributes" }
  }

  /// The bytes that git would write to the worktree for a blob.
  func smudged(_ blob: borrowing Blob, at path: String) throws(GitError) -> [UInt8] {
    try FilterList.smudging(path, blob, in: handle).apply(to: blob)
  }

  /// Whether no filter applies to a path, so that a blob's bytes are the file's.
  func areEmpty(at path: String) throws(GitError) -> Bool {
    try FilterList.smudging(path, in: handle).isEmpty
  }

  /// Whether Git LFS looks after a path.
  func areLargeFile(at path: String) throws(GitError) -> Bool {
    try Attributes.text("filter", of: path, in: handle) == "lfs"
  }

  /// Whether the attributes themselves, not a clone's settings, demand CRLF.
  func demandCRLF(at path: String) throws(GitError) -> Bool {
    try Attributes.text("eol", of: path, in: handle) == "crlf"
  }
}

/// A repository looked at without a worktree (`git_repository`).
private struct BareRepository: ~Copyable {
  let handle: OpaquePointer

  init(_ folder: String) throws(GitError) {
    var opened: OpaquePointer?
    let code = git_repository_open_bare(&opened, folder)
    guard code == 0, let opened else { throw GitError("open '\(folder)'", code: code) }
    handle = opened
  }

  deinit { git_repository_free(handle) }
}
