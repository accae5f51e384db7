package import Primitives

/// An object in the store: which bytes, and how many.
package struct ObjectRef: Hashable, Sendable {
  package let digest: Digest
  /// In bytes.
  package let size: Int

  package init(digest: Digest, size: Int) {
    self.digest = digest
    self.size = size
  }

  /// The reference that these bytes would have.
  package init(of bytes: [UInt8]) {
    self.init(digest: Digest(of: bytes), size: bytes.count)
  }
}

extension ObjectRef: CustomStringConvertible {
  package var description: String { "\(digest.hex) (\(size) bytes)" }
}
