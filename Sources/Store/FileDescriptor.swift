import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One open file, closed with its last use.
///
/// Children never inherit it (`O_CLOEXEC`).
struct FileDescriptor: ~Copyable {
  let raw: Int32
  let path: String

  init(
    opening path: String,
    _ flags: Int32,
    mode: mode_t = 0o600,
    operation: String = "open"
  ) throws(StoreError) {
    var descriptor = open(path, flags | O_CLOEXEC, mode)
    while descriptor < 0, errno == EINTR { descriptor = open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw StoreError(operation, path: path, code: errno) }
    self.raw = descriptor
    self.path = path
  }

  deinit { close(raw) }

  /// Writes all bytes, however many calls that takes.
  func write(_ bytes: [UInt8]) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        systemWrite(raw, UnsafeRawBufferPointer(rebasing: buffer[done...]))
      }
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw StoreError("write", path: path, code: code)
      }
      done += count
    }
  }

  /// Fills the buffer as far as the file goes; the number of bytes read, 0 at its end.
  func read(into buffer: inout [UInt8]) throws(StoreError) -> Int {
    while true {
      let count = buffer.withUnsafeMutableBytes { systemRead(raw, $0) }
      if count >= 0 { return count }
      let code = errno
      guard code == EINTR else { throw StoreError("read", path: path, code: code) }
    }
  }

  /// Makes the bytes durable.
  ///
  /// After a failure they count as lost: the caller writes them anew.
  func synchronize() throws(StoreError) {
    while fsync(raw) != 0 {
      let code = errno
      guard code == EINTR else { throw StoreError("fsync", path: path, code: code) }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
  write(descriptor, buffer.baseAddress, buffer.count)
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
