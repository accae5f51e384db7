import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Held while an action runs, so that two processes on one cache do not run it twice.
///
/// A kernel lock (`flock`) on a file of the action's name: it is free the moment its holder is
/// gone, however that ended. The file is removed by its last holder.
final class ActionLock: Sendable {
  private let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  /// Waits until no other process runs the action.
  static func acquire(_ key: Digest, in folder: String) async throws -> ActionLock {
    let path = "\(folder)/action-\(key.hex)"
    var pause = Duration.milliseconds(5)
    while true {
      if let lock = try attempt(path) { return lock }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(250))
    }
  }

  private static func attempt(_ path: String) throws -> ActionLock? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK || code == EINTR { return nil }
      throw SystemError("lock", path: path, code: code)
    }
    // The holder before may have removed the file between our open and our lock.
    guard isSameFile(descriptor, path) else {
      close(descriptor)
      return nil
    }
    return ActionLock(path: path, descriptor: descriptor)
  }

  private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
    var held = stat()
    var named = stat()
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0 else { return false }
    return held.st_ino == named.st_ino && held.st_dev == named.st_dev
  }
}
