import CGit2
import Primitives

/// An input whose place is being settled.
struct PinDraft {
  var pinned: PinnedInput
  /// What a tree is to hold at the input's path; nil where no commit of this repository holds it.
  var entry: TreeEntry?
  /// Symbolic links on the way, to be held by the run's commit.
  var links: [(path: String, id: git_oid)] = []
  /// Whether git's filters left the bytes as they are.
  let isRaw: Bool

  /// An input whose bytes no commit shall hold.
  init(
    _ file: ReadInput,
    _ state: InputState,
    at treePath: String,
    _ reason: PinnedInput.Reason
  ) {
    self.init(file, state, at: treePath, reason, nil)
  }

  /// An input in the worktree; without a reason its place is HEAD until it turns out otherwise.
  init(
    _ file: ReadInput,
    _ state: InputState,
    at treePath: String,
    _ reason: PinnedInput.Reason?,
    _ comparison: Comparison?
  ) {
    pinned = PinnedInput(
      input: file.input,
      state: state,
      place: reason == nil ? .head : .manifest,
      reason: reason,
      treePath: treePath,
      isOutside: reason == .outside,
      isExecutable: file.isExecutable,
      isLargeFile: comparison?.isLargeFile ?? false,
      submodule: comparison?.submodule
    )
    isRaw = comparison?.isRaw ?? true
  }

  mutating func move(to place: PinnedInput.Place, _ reason: PinnedInput.Reason) {
    pinned.place = place
    if pinned.reason == nil { pinned.reason = reason }
    entry = nil
  }

  /// Whether checking the file out of a tree gives the bytes that the run read, in every clone.
  ///
  /// A conversion of line ends counts only where the attributes demand it, since a clone's settings
  /// do not travel with a commit.
  func isExact(_ filters: borrowing TreeFilters) throws(GitError) -> Bool {
    let path = pinned.submodule?.file ?? pinned.treePath
    if pinned.isLargeFile { return try filters.areLargeFile(at: path) }
    if isRaw, try filters.areEmpty(at: path) { return true }
    guard let id = entry?.id else { return false }
    if !isRaw, try !filters.demandCRLF(at: path) { return false }
    let bytes = try filters.smudged(try Blob(id, in: filters.handle), at: path)
    return Digest(of: bytes) == pinned.input.digest
  }
}
