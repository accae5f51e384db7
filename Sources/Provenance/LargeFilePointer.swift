import Primitives

/// A blob of Git LFS, which stands for a large file and names its SHA-256.
///
/// libgit2 runs no external filters, so that the file itself has to be compared with the pointer.
/// Source: git-lfs `docs/spec.md`, "The Pointer".
struct LargeFilePointer: Hashable {
  /// Pointers are smaller than this, in bytes.
  static let sizeLimit: Int64 = 1024

  let digest: Digest
  /// In bytes.
  let size: Int64

  /// Nil for a blob that is no pointer.
  init?(blob: [UInt8]) {
    guard blob.starts(with: "version https://git-lfs.github.com/spec/v1\n".utf8),
      let digest = Self.value(of: "oid sha256:", in: blob).flatMap({ Digest(hex: $0) }),
      let size = Self.value(of: "size ", in: blob).flatMap({ Int64($0) }), size >= 0
    else { return nil }
    self.digest = digest
    self.size = size
  }

  /// The rest of the line that starts with a mark.
  private static func value(of mark: String, in blob: [UInt8]) -> String? {
    for line in blob.split(separator: 0x0A) where line.starts(with: mark.utf8) {
      return String(decoding: line.dropFirst(mark.utf8.count), as: UTF8.self)
    }
    return nil
  }
}
