import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The append-only file of charges, one JSON object a line.
///
/// Records of many requests share one write and one sync: a thread of its own takes what has
/// gathered while the last sync went on. An answer goes out only behind `commit`.
///
/// `@unchecked Sendable`: everything that changes is touched under `condition` only, but for the
/// descriptor, which only the writing thread uses.
final class LedgerFile: @unchecked Sendable {
  /// A place behind a record; durable once everything before it is.
  struct Position: Sendable {
    fileprivate let value: UInt64
  }

  let path: String
  private let descriptor: Int32
  private let condition = NSCondition()
  private var gathered: [UInt8] = []
  private var appended: UInt64 = 0
  private var committed: UInt64 = 0

  /// Opens the file for one server alone, behind its last whole record.
  ///
  /// - Parameters:
  ///   - path: Made if there is none.
  ///   - each: Called with every record that stands in it, in order.
  /// - Throws: `SystemError`, also where another server has it open; `LedgerError`.
  init(path: String, each: (JSON) -> Void) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let error = SystemError("lock", path: path)
      close(descriptor)
      throw error
    }
    let end = try LedgerReader.read(path, each: each)
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, ftruncate(descriptor, min(off_t(end), size)) == 0,
      lseek(descriptor, 0, SEEK_END) >= 0
    else { throw SystemError("cut the torn end of", path: path) }
    // A whole record may lack nothing but its line's end.
    if end > size, size > 0 { gathered = [0x0A] }
    Thread.detachNewThread { [self] in writeForever() }
  }

  /// Takes a record; it is written soon, and durable behind `commit`.
  @discardableResult
  func append(_ record: JSON) -> Position {
    let line = Array(record.compactText.utf8) + [0x0A]
    condition.lock()
    defer { condition.unlock() }
    gathered += line
    appended += 1
    // The writer may be asleep; whoever waits for a commit looks again and sleeps on.
    if gathered.count == line.count { condition.broadcast() }
    return Position(value: appended)
  }

  /// Waits until a record and all before it are on disk.
  func commit(_ position: Position) {
    condition.lock()
    while committed < position.value { condition.wait() }
    condition.unlock()
  }

  private func writeForever() {
    while true {
      condition.lock()
      while gathered.isEmpty { condition.wait() }
      let bytes = gathered
      let end = appended
      gathered = []
      condition.unlock()
      write(bytes)
      condition.lock()
      committed = end
      condition.broadcast()
      condition.unlock()
    }
  }

  /// Writes and syncs; a ledger that cannot be kept ends the server, since no charge may go
  /// unrecorded.
  private func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { fail("write") }
      rest = rest.dropFirst(count)
    }
    #if canImport(Glibc)
      let code = fdatasync(descriptor)
    #else
      let code = fcntl(descriptor, F_FULLFSYNC)
    #endif
    guard code == 0 else { fail("sync") }
  }

  private func fail(_ operation: String) -> Never {
    let error = SystemError(operation, path: path)
    FileHandle.standardError.write(Data("toll-server: \(error)\n".utf8))
    _exit(1)
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
