#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

/// A file open for reading, closed with its last use.
struct FileReader: ~Copyable {
  private let descriptor: Int32
  private let path: String

  /// - Throws: `SystemRefusal`.
  init(_ path: String) throws(SystemRefusal) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemRefusal(number: errno) }
    self.path = path
  }

  deinit { close(descriptor) }

  /// What the system says of the open file, whatever happens to its name meanwhile.
  func status() throws(SystemRefusal) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemRefusal(number: errno) }
    return status
  }

  /// The whole content, or as much of it as the limit and one byte more.
  func bytes(upTo limit: Int64) throws(SystemRefusal) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece { piece in
      bytes.append(contentsOf: piece)
      return Int64(bytes.count) <= limit
    }
    return bytes
  }

  /// The digest and the length of the content.
  func digest() throws(SystemRefusal) -> (digest: Digest, size: Int64) {
    var hasher = SHA256Hasher()
    var size: Int64 = 0
    try forEachPiece { piece in
      hasher.update(piece)
      size += Int64(piece.count)
      return true
    }
    return (hasher.finalize(), size)
  }

  /// Lends the content piece by piece until it ends or the closure wants no more.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Bool) throws(SystemRefusal) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      let number = errno
      if count < 0, number == EINTR { continue }
      guard count >= 0 else { throw SystemRefusal(number: number) }
      guard count > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
    }
  }
}

/// What the system would not do, by its number (`errno`).
struct SystemRefusal: Error {
  let number: Int32
}
