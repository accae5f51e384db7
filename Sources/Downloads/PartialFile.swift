import Primitives
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What has come of a download so far: `downloads/NAME.part` in the store, for one process at a time.
///
/// A kernel lock (`flock`) keeps others out: it is free the moment its holder is gone, however that
/// ended. The bytes outlive the process. They need not be durable: nothing is used of them before
/// all of them have the digest that they should have.
final class PartialFile: Sendable {
  private struct State {
    /// Bytes that are kept.
    var size: Int
    var problem: SystemError?
  }

  let path: String
  private let descriptor: Int32
  private let state: Mutex<State>

  private init(path: String, descriptor: Int32, size: Int) {
    self.path = path
    self.descriptor = descriptor
    state = Mutex(State(size: size))
  }

  deinit { close(descriptor) }

  var size: Int { state.withLock { $0.size } }
  /// What the system refused last.
  var problem: SystemError? { state.withLock { $0.problem } }

  // MARK: - Opening

  /// Waits until no other process downloads the same.
  static func open(_ name: String, in folder: String) async throws -> PartialFile {
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw SystemError("make folder", path: folder) }
    var pause = Duration.milliseconds(5)
    while true {
      if let file = try attempt("\(folder)/\(name).part") { return file }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(250))
    }
  }

  private static func attempt(_ path: String) throws -> PartialFile? {
    let descriptor = systemOpen(path, O_RDWR | O_CREAT | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK || code == EINTR { return nil }
      throw SystemError("lock", path: path, code: code)
    }
    // The holder before may have removed the file between our open and our lock.
    var (held, named) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
      close(descriptor)
      return nil
    }
    return PartialFile(path: path, descriptor: descriptor, size: Int(held.st_size))
  }

  // MARK: - Bytes

  /// Adds bytes behind those that are there; false, and `problem` says why, if that cannot be done.
  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = UnsafeRawBufferPointer(rebasing: rest)
        let count = pwrite(descriptor, piece.baseAddress, piece.count, off_t(state.size))
        guard count > 0 || errno == EINTR else {
          state.problem = SystemError("write", path: path, code: count == 0 ? EIO : errno)
          return false
        }
        state.size += max(count, 0)
        rest = rest.dropFirst(max(count, 0))
      }
      return true
    }
  }

  /// Keeps the first bytes only.
  func cut(to size: Int) throws(SystemError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemError("shorten", path: path) }
    state.withLock { $0.size = size }
  }

  /// Removes the file; the lock is held until the last use of this object.
  func remove() { unlink(path) }

  /// Hands over the bytes in pieces, up to 256 KiB each.
  ///
  /// Blocking.
  func forEachPiece(_ body: ([UInt8]) throws -> Void) throws {
    let end = size
    var offset = 0
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while offset < end {
      let count = buffer.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, min($0.count, end - offset), off_t(offset))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("read", path: path, code: count < 0 ? errno : EIO) }
      try body(Array(buffer[..<count]))
      offset += count
    }
  }
}

extension PartialFile {
  /// Removes what was begun, and not touched for a month, of downloads that nobody makes.
  static func sweep(_ folder: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    let limit = time(nil) - 30 * 24 * 3600
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      var status = stat()
      let path = "\(folder)/\(name)"
      guard name.hasSuffix(".part"), stat(path, &status) == 0, modified(status) < limit,
        let file = try? attempt(path)
      else { continue }
      file.remove()
      unlink(Validator.path(of: file))
    }
  }

  private static func modified(_ status: stat) -> Int {
    #if canImport(Glibc)
      status.st_mtim.tv_sec
    #else
      status.st_mtimespec.tv_sec
    #endif
  }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o600) }
