package import Primitives

/// A file that a run reads, as the run read it.
package struct PinInput: Hashable, Sendable {
  /// Absolute, or relative to the current folder.
  package let path: String
  package let digest: Digest
  /// In bytes.
  package let size: Int64
  /// What a manifest calls the file if it lies outside of the worktree; nil for its path.
  package let nameOutside: String?

  package init(path: String, digest: Digest, size: Int64, nameOutside: String? = nil) {
    self.path = path
    self.digest = digest
    self.size = size
    self.nameOutside = nameOutside
  }
}
