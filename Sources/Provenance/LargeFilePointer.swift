#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import CGit2
import Primitives

/// A blob of Git LFS, which stands for a large file and names its SHA-256.
///
/// libgit2 runs no external filters, so that the file itself has to be compared with the pointer.
/// Source: git-lfs `docs/spec.md`, "The Pointer".
enum LargeFilePointer {
  /// Pointers are smaller than this, in bytes.
  static let sizeLimit = 1024

  /// The digest that a pointer names; nil for a blob that is no pointer.
  static func digest(in blob: [UInt8]) -> Digest? {
    guard blob.starts(with: "version https://git-lfs.github.com/spec/v1\n".utf8) else { return nil }
    let mark = Array("oid sha256:".utf8)
    for line in blob.split(separator: 0x0A) where line.starts(with: mark) {
      return Digest(hex: String(decoding: line.dropFirst(mark.count), as: UTF8.self))
    }
    return nil
  }

  /// The digest of a file's bytes as they are.
  static func digest(ofFileAt path: String) throws(GitError) -> Digest {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var hasher = SHA256Hasher()
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      let code = errno
      if count < 0, code == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, code) }
      if count == 0 { return hasher.finalize() }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  private static func unreadable(_ path: String, _ code: Int32) -> GitError {
    GitError(
      "read '\(path)'",
      code: GIT_ERROR.rawValue,
      reason: String(cString: strerror(code))
    )
  }
}
