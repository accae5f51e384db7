#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2
import Primitives

/// Looks at every input of a run and writes what HEAD lacks into git.
///
/// What cannot be written is remembered in `failure`, and no more is tried.
struct Pinner: ~Copyable {
  let repository: Repository
  let head: Head
  let tree: Tree
  let index: Index
  let followsModes: Bool
  var drafts: [PinDraft] = []
  var failure: GitError?
  /// Objects of the run's commit that somebody else may have written, without syncing them.
  var unsynced: [git_oid] = []

  init(_ repository: consuming Repository) throws(GitError) {
    let head = try repository.head()
    let tree = try repository.tree(of: head.commit)
    let index = try Index(of: repository)
    self.head = head
    self.tree = tree
    self.index = index
    followsModes = repository.setting("core.filemode") ?? true
    self.repository = repository
  }

  mutating func add(_ input: PinInput) throws(PinError) {
    let file: ReadInput
    do throws(SystemRefusal) {
      file = try ReadInput(input, root: repository.root)
    } catch {
      throw error.number == ENOENT
        ? .changed(InputChange(input.path, "it is gone"))
        : .git(GitError("read '\(input.path)'", system: error.number))
    }
    if let change = file.change { throw .changed(change) }
    do throws(GitError) {
      drafts.append(try draft(file))
    } catch {
      throw .git(error)
    }
    if let change = file.changeSince() { throw .changed(change) }
  }

  private mutating func draft(_ file: ReadInput) throws(GitError) -> PinDraft {
    switch file.location.place {
    case .inside(let path): return try inside(file, path)
    case .outside:
      let state = InputState(outside: file.input.path, blob: try file.rawBlob())
      let name = file.input.nameOutside ?? file.input.path
      return PinDraft(file, state, at: name, .outside)
    case .through(let name):
      var state = InputState(outside: file.input.path, blob: try file.rawBlob())
      if let path = FilePath.relative(file.location.resolved, to: repository.root) {
        let comparison = try repository.compare(file.compared(at: path), with: tree, index)
        state = InputState(file.input.path, path, comparison)
      }
      return try withLinks(file, PinDraft(file, state, at: name, .link))
    }
  }

  private mutating func inside(_ file: ReadInput, _ path: String) throws(GitError) -> PinDraft {
    let comparison = try repository.compare(file.compared(at: path), with: tree, index)
    let state = InputState(file.input.path, path, comparison)
    let reason = try reason(file, path, comparison)
    var draft = PinDraft(file, state, at: path, reason, comparison)
    if reason == nil {
      let mode = mode(file, comparison)
      if comparison.status == .clean, let head = comparison.head {
        draft.entry = TreeEntry(id: head.id, mode: mode)
        if mode != head.mode, comparison.submodule == nil { draft.pinned.place = .commit }
      } else {
        draft.entry = TreeEntry(id: comparison.blob, mode: mode)
        draft.pinned.place = .commit
        keep(comparison.cleaned ?? [], comparison.blob)
      }
    }
    return try withLinks(file, draft)
  }

  /// Why a file's bytes are not to be in a commit; nil where they are or shall be.
  private func reason(
    _ file: ReadInput,
    _ path: String,
    _ comparison: Comparison
  ) throws(GitError) -> PinnedInput.Reason? {
    if TreePath.isReserved(path) { return .reserved }
    if comparison.submodule != nil { return comparison.status == .clean ? nil : .submodule }
    switch comparison.status {
    case .clean:
      // The index may know a file as clean whose bytes only a program makes of HEAD's.
      let isHeads = comparison.head?.id.equals(comparison.blob) ?? false
      return isHeads || comparison.isLargeFile ? nil : .filtered
    case .ignored: return .ignored
    case .dirty, .untracked, .outside:
      if file.input.size > RunPin.sizeLimit { return .large }
      if try Attributes.isConverted(path, in: repository.handle) { return .filtered }
      return try isExactHere(path, comparison) ? nil : .filtered
    }
  }

  /// Whether the worktree's attributes give back the bytes in every clone.
  ///
  /// If not, nothing need be written. Those of the commit's tree are asked when that is there.
  private func isExactHere(
    _ path: String,
    _ comparison: Comparison
  ) throws(GitError) -> Bool {
    guard comparison.isRaw, let bytes = comparison.cleaned else {
      return try Attributes.text("eol", of: path, in: repository.handle) == "crlf"
    }
    return try FilterList.smudging(path, in: repository.handle).apply(to: bytes) == bytes
  }

  /// The mode of a file in a tree; HEAD's where the file system cannot be trusted with modes.
  private func mode(_ file: ReadInput, _ comparison: Comparison) -> git_filemode_t {
    if !followsModes { return comparison.head?.mode ?? GIT_FILEMODE_BLOB }
    return file.isExecutable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB
  }

  /// Adds the symbolic links on the way to a file that HEAD has not, or has otherwise.
  private mutating func withLinks(
    _ file: ReadInput,
    _ draft: PinDraft
  ) throws(GitError) -> PinDraft {
    var draft = draft
    for link in file.location.links {
      guard try tree.submodule(around: link.path) == nil else { continue }
      let bytes = Array(link.target.utf8)
      let id = try git_oid(hashing: bytes)
      if let entry = try tree.entry(at: link.path), entry.mode == GIT_FILEMODE_LINK,
        entry.id.equals(id)
      {
        continue
      }
      draft.links.append((link.path, id))
      keep(bytes, id)
    }
    return draft
  }

  /// Writes bytes as they are, unless a failure is there already; another one is remembered.
  private mutating func keep(_ bytes: [UInt8], _ id: git_oid) {
    guard failure == nil else { return }
    do throws(GitError) {
      try write(bytes, id)
    } catch {
      failure = error
    }
  }

  /// Writes bytes as they are, their id as a blob known.
  mutating func write(_ bytes: [UInt8], _ id: git_oid) throws(GitError) {
    // libgit2 syncs what it writes, but an object that is there already it only touches.
    if try id.size(in: repository.handle) != nil { unsynced.append(id) }
    var made = git_oid()
    let code = bytes.withUnsafeBytes {
      git_blob_create_from_buffer(&made, repository.handle, $0.baseAddress, $0.count)
    }
    try GitError.check(code, "write \(bytes.count) bytes to the repository '\(repository.root)'")
  }
}
