import CGit2
import Primitives

/// A change of a tree: entries put at paths, whatever stands there or in their way.
struct TreeEdit {
  struct Entry {
    /// The steps of the path.
    let steps: [String]
    let id: git_oid
    let mode: git_filemode_t
  }

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func put(_ path: String, _ id: git_oid, _ mode: git_filemode_t) {
    entries.append(Entry(steps: FilePath.steps(path), id: id, mode: mode))
  }

  /// Writes the changed tree and what is new below it.
  ///
  /// The base stays as it is; the ids of the trees written are appended.
  ///
  /// - Returns: The tree's id.
  func write(
    over base: borrowing Tree,
    in repository: OpaquePointer,
    _ written: inout [git_oid]
  ) throws(GitError) -> git_oid {
    // Sorted, all entries below one folder stand side by side.
    let sorted = entries.sorted {
      $0.steps.lexicographicallyPrecedes($1.steps) { UTF8Order.less($0, $1) }
    }
    return try Self.write(sorted[...], depth: 0, over: base, in: repository, &written)
  }

  private static func write(
    _ entries: ArraySlice<Entry>,
    depth: Int,
    over base: borrowing Tree,
    in repository: OpaquePointer,
    _ written: inout [git_oid]
  ) throws(GitError) -> git_oid {
    var builder: OpaquePointer?
    try GitError.check(git_treebuilder_new(&builder, repository, base.handle), "change a tree")
    defer { git_treebuilder_free(builder) }
    var rest = entries
    while let first = rest.first {
      let name = first.steps[depth]
      let group = rest.prefix { UTF8Order.equal($0.steps[depth], name) }
      rest = rest.dropFirst(group.count)
      var id = first.id
      var mode = first.mode
      if first.steps.count > depth + 1 {
        let inner = try base.folder(name, in: repository)
        id = try write(group, depth: depth + 1, over: inner, in: repository, &written)
        mode = GIT_FILEMODE_TREE
      }
      let code = git_treebuilder_insert(nil, builder, name, &id, mode)
      try GitError.check(code, "put '\(first.steps.joined(separator: "/"))' into a tree")
    }
    var id = git_oid()
    try GitError.check(git_treebuilder_write(&id, builder), "write a tree")
    written.append(id)
    return id
  }
}

extension Tree {
  /// The folder of a name right below this one; empty where there is none.
  fileprivate func folder(
    _ name: String,
    in repository: OpaquePointer
  ) throws(GitError) -> Tree {
    guard let entry = try entry(at: name), entry.mode == GIT_FILEMODE_TREE else { return .empty() }
    return try Tree(entry.id, in: repository)
  }
}
