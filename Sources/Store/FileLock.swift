import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A kernel lock on a file of its own (`flock`), let go when its holder ends, however it ends.
///
/// The file stays: removing a lock file that another process is about to lock would give two
/// holders.
struct FileLock: ~Copyable {
  enum Kind { case shared, exclusive }

  private let file: FileDescriptor
  var path: String { file.path }

  /// Opens the lock file, making it if need be; locks nothing yet.
  init(at path: String) throws(StoreError) {
    file = try FileDescriptor(opening: path, O_RDWR | O_CREAT)
  }

  /// Opens a lock file that must be there.
  init(existing path: String) throws(StoreError) {
    file = try FileDescriptor(opening: path, O_RDONLY)
  }

  /// Waits for the lock.
  func lock(_ kind: Kind) throws(StoreError) {
    while flock(file.raw, kind == .shared ? LOCK_SH : LOCK_EX) != 0 {
      let code = errno
      guard code == EINTR else { throw StoreError("lock", path: path, code: code) }
    }
  }

  /// Takes the lock if nobody holds it; false if somebody does.
  func tryLock(_ kind: Kind) throws(StoreError) -> Bool {
    while flock(file.raw, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      let code = errno
      if code == EWOULDBLOCK { return false }
      guard code == EINTR else { throw StoreError("lock", path: path, code: code) }
    }
    return true
  }

  func unlock() { flock(file.raw, LOCK_UN) }

  /// Whether the path still names this file.
  var isAtItsPath: Bool {
    var own = stat()
    guard fstat(file.raw, &own) == 0, let there = FileSystem.status(path) else { return false }
    return own.st_ino == there.st_ino && own.st_dev == there.st_dev
  }
}
