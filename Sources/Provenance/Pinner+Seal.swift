import CGit2
import Primitives

extension Pinner {
  /// Makes the commit of the run and its ref; if git cannot be written, says so in `failure`.
  ///
  /// - Returns: The run's commit; without one HEAD's.
  mutating func seal(run id: String) -> String? {
    do throws(GitError) {
      if let failure { throw failure }
      return try seal(Repository.runRef(id))
    } catch {
      failure = error
      giveUp()
      return head.commit
    }
  }

  /// Makes the commit of the run, and last of all its ref.
  ///
  /// Up to the ref nothing refers to what was written: a crash leaves loose objects that git's gc
  /// takes away.
  private mutating func seal(_ ref: String) throws(GitError) -> String {
    let id: git_oid
    if let root = try settledTree() {
      id = try repository.writeRunCommit(tree: root, parent: head.commit, syncing: unsynced)
    } else {
      guard let commit = head.commit else { preconditionFailure("BUG: no HEAD and no tree") }
      id = try git_oid(hex: commit)
    }
    try repository.create(runRef: ref, id)
    return id.hex
  }

  /// The tree that gives back every input, or names it in its manifest; nil where HEAD's does.
  private mutating func settledTree() throws(GitError) -> git_oid? {
    // Attributes may be among the inputs, so that a tree has to be there before it can be asked;
    // each round moves at least one input to the manifest.
    while true {
      let edit = try edit()
      if edit.isEmpty, head.commit != nil {
        if try !Self.moveInexact(&drafts, under: tree, in: repository) { return nil }
        continue
      }
      let root = try edit.write(over: tree, in: repository.handle, &unsynced)
      let changed = try Tree(root, in: repository.handle)
      if try !Self.moveInexact(&drafts, under: changed, in: repository) { return root }
    }
  }

  /// The change of HEAD's tree, its blobs written.
  private mutating func edit() throws(GitError) -> TreeEdit {
    var edit = TreeEdit()
    for draft in drafts {
      for link in draft.links { edit.put(link.path, link.id, GIT_FILEMODE_LINK) }
      guard draft.pinned.place == .commit, let entry = draft.entry else { continue }
      edit.put(draft.pinned.treePath, entry.id, entry.mode)
    }
    try putManifest(&edit)
    return edit
  }

  /// Puts the manifest where HEAD has another one, as it has once a run's commit was merged.
  private mutating func putManifest(_ edit: inout TreeEdit) throws(GitError) {
    let files = drafts.filter { $0.pinned.place == .manifest }.map(\.manifestFile)
    let found = try tree.entry(at: InputManifest.path)
    if files.isEmpty, found == nil { return }
    let bytes = InputManifest(files).bytes
    let id = try git_oid(hashing: bytes)
    if let found, found.isFile, found.id.equals(id) { return }
    try write(bytes, id)
    edit.put(InputManifest.path, id, GIT_FILEMODE_BLOB)
  }

  /// Moves inputs that a tree would not give back as they are to the manifest.
  ///
  /// - Returns: Whether there was any, so that the tree has to be another now.
  private static func moveInexact(
    _ drafts: inout [PinDraft],
    under tree: borrowing Tree,
    in repository: borrowing Repository
  ) throws(GitError) -> Bool {
    let own = drafts.filter { $0.pinned.submodule == nil }.map(\.pinned.treePath)
    let filters = try TreeFilters(of: tree, in: repository.commonFolder, for: own)
    var isChanged = false
    for index in drafts.indices where drafts[index].entry != nil {
      let draft = drafts[index]
      let isExact =
        if let submodule = draft.pinned.submodule {
          try isExact(draft, in: submodule, of: repository)
        } else {
          try draft.isExact(filters)
        }
      guard !isExact else { continue }
      isChanged = true
      drafts[index].move(to: .manifest, .filtered)
    }
    return isChanged
  }

  private static func isExact(
    _ draft: PinDraft,
    in submodule: SubmoduleFile,
    of repository: borrowing Repository
  ) throws(GitError) -> Bool {
    guard let inner = try Repository.at("\(repository.root)/\(submodule.path)") else {
      return false
    }
    let filters = try TreeFilters(
      of: try inner.tree(of: submodule.commit),
      in: inner.commonFolder,
      for: [submodule.file]
    )
    return try draft.isExact(filters)
  }

  /// Takes back what was to be in a commit of the run, for want of one.
  private mutating func giveUp() {
    for index in drafts.indices where drafts[index].pinned.place != .head {
      drafts[index].move(to: .store, .notPinned)
    }
    do throws(GitError) {
      _ = try Self.moveInexact(&drafts, under: tree, in: repository)
    } catch {
      for index in drafts.indices { drafts[index].move(to: .store, .notPinned) }
    }
    for index in drafts.indices where drafts[index].pinned.place == .manifest {
      drafts[index].move(to: .store, .notPinned)
    }
  }
}

extension PinDraft {
  fileprivate var manifestFile: ManifestFile {
    ManifestFile(
      path: pinned.treePath,
      digest: pinned.input.digest,
      size: pinned.input.size,
      isExecutable: pinned.isExecutable
    )
  }
}
