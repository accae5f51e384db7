/// An input and where its bytes are kept.
package struct PinnedInput: Hashable, Sendable {
  /// Where the bytes come from when the state is restored.
  package enum Place: String, CaseIterable, Sendable {
    /// HEAD's commit gives them back.
    case head
    /// Only the run's own commit does.
    case commit
    /// The run's commit names their digest; they are in the store.
    case manifest
    /// No commit names them; they are in the store.
    case store
  }

  /// Why a commit does not hold the bytes.
  package enum Reason: String, CaseIterable, Sendable {
    /// Over `RunPin.sizeLimit`, and not in HEAD.
    case large
    case ignored
    /// git's filters would not give back these bytes in every clone.
    case filtered
    case outside
    /// Not as the submodule's commit has it.
    case submodule
    /// Reached by a symbolic link that leads out of the worktree.
    case link
    /// A path that git or a manifest needs for itself.
    case reserved
    /// git could not be written.
    case notPinned = "not-pinned"
  }

  package let input: PinInput
  package let state: InputState
  package internal(set) var place: Place
  /// Nil where a commit holds the bytes.
  package internal(set) var reason: Reason?
  /// Where a restored tree has the file, below its root; the name of a file outside.
  package let treePath: String
  package let isOutside: Bool
  package let isExecutable: Bool
  /// Whether HEAD holds a pointer of Git LFS in place of the bytes.
  package let isLargeFile: Bool
  package let submodule: SubmoduleFile?

  /// Whether the bytes have to be in the store for the state to be restored from it alone.
  package var needsStore: Bool { place == .manifest || place == .store || isLargeFile }
}
