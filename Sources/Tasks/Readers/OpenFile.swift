#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Diagnostics
import Primitives

/// A file open for reading, closed with its last use (a file descriptor).
struct OpenFile: ~Copyable {
  private let descriptor: Int32
  /// What messages call the file.
  let name: String

  init(path: String, name: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: name) }
    self.descriptor = descriptor
    self.name = name
  }

  deinit { close(descriptor) }

  /// What is thrown when a file holds less than it did: it was cut while it was read.
  static func changed(_ name: String) -> SystemError {
    SystemError("read", path: name, code: EIO)
  }

  /// Reads on from where the last reading ended, appending at most `size` bytes.
  ///
  /// - Returns: How many bytes came; 0 at the end of the file.
  func append(to buffer: inout [UInt8], size: Int) throws(SystemError) -> Int {
    let kept = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: size))
    while true {
      let count = buffer.withUnsafeMutableBytes { bytes in
        read(descriptor, bytes.baseAddress.map { $0 + kept }, size)
      }
      let code = errno
      if count < 0, code == EINTR { continue }
      buffer.removeLast(size - max(count, 0))
      if count < 0 { throw SystemError("read", path: name, code: code) }
      return count
    }
  }

  /// Everything from where the last reading ended; for files that are small by nature.
  func all() throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    while try append(to: &bytes, size: 64 * 1024) > 0 {}
    return bytes
  }

  /// Everything, unless that is more than a limit; then nil, and no more than that was read.
  func all(atMost limit: Int) throws(SystemError) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      if try append(to: &bytes, size: 64 * 1024) == 0 { return bytes }
    }
    return nil
  }

  /// The bytes of one place, wherever the reading stands.
  func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      let code = errno
      if got < 0, code == EINTR { continue }
      guard got != 0 else { throw Self.changed(name) }
      guard got > 0 else { throw SystemError("read", path: name, code: code) }
      done += got
    }
    return bytes
  }

  /// Line and column of a byte, found by reading the file up to it: for messages only, so that
  /// nothing else need count lines.
  func location(of offset: Int) throws(SystemError) -> Location {
    var line = 1
    var column = 1
    var done = 0
    while done < offset {
      let piece = try bytes(at: done, count: min(offset - done, 256 * 1024))
      let hasMark = done == 0 && piece.starts(with: [0xEF, 0xBB, 0xBF])
      for byte in piece.dropFirst(hasMark ? 3 : 0) {
        if byte == 0x0A {
          line += 1
          column = 1
        } else if byte & 0xC0 != 0x80 {
          column += 1
        }
      }
      done += piece.count
    }
    return Location(file: name, line: line, column: column)
  }
}
