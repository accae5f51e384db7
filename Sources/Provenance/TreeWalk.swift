import CGit2
import Primitives

/// Every entry of a tree but its folders, in the order of their paths' bytes.
struct TreeWalk {
  struct Entry {
    /// Below the tree's root; repaired where it is not valid UTF-8, which is a problem then.
    let path: String
    let id: git_oid
    let mode: git_filemode_t
    /// Why nothing is to be written at the path.
    let problem: String?
  }

  /// A tree can hold itself many times over: nobody has so many files.
  private static let limit = 5_000_000

  private(set) var entries: [Entry] = []

  init(_ root: borrowing Tree, in repository: OpaquePointer) throws(GitError) {
    // The next to be looked at comes last.
    var pending = Self.entries(of: root, below: "")
    while let entry = pending.popLast() {
      guard entry.mode == GIT_FILEMODE_TREE, entry.problem == nil else {
        entries.append(entry)
        continue
      }
      let folder = try Tree(entry.id, in: repository)
      pending += Self.entries(of: folder, below: entry.path + "/")
      guard entries.count + pending.count <= Self.limit else {
        throw GitError("list the files of a commit", reason: "there are more than \(Self.limit)")
      }
    }
  }

  /// What is right below a folder, last first.
  private static func entries(of folder: borrowing Tree, below prefix: String) -> [Entry] {
    let raw = (0..<git_tree_entrycount(folder.handle)).reversed()
      .compactMap { git_tree_entry_byindex(folder.handle, $0) }
      .map { entry in
        let name = git_tree_entry_name(entry).map { String(validatingCString: $0) } ?? nil
        let shown = git_tree_entry_name(entry).map { String(cString: $0) } ?? ""
        return (name: name, shown: shown, entry: entry)
      }
    let twins = TreePath.twins(among: raw.map(\.shown))
    return raw.compactMap { name, shown, entry in
      guard let id = git_tree_entry_id(entry)?.pointee else { return nil }
      let problem =
        name == nil
        ? "its name is not valid UTF-8"
        : TreePath.problem(of: shown)
          ?? (twins.contains(shown.lowercased())
            ? "another name beside it differs only in case or in the form of accents" : nil)
      return Entry(
        path: prefix + shown,
        id: id,
        mode: git_tree_entry_filemode(entry),
        problem: problem
      )
    }
  }
}
