import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// This process towards the others: a lock file whose kernel lock is held for as long as it lives.
///
/// Rows that a process answers for (claims, jobs, runs) carry its token. Whoever finds such a row
/// asks `isAlive(token)`: a token whose lock is free belongs to a process that ended.
final class Owner: Sendable {
  /// 32 hexadecimal digits, never used again.
  let token: String
  private let lock: FileLock

  /// Makes and locks the file, in the store's `locks` folder.
  init(in folder: String) throws(StoreError) {
    while true {
      let token = Owner.newToken()
      let lock = try FileLock(at: Owner.path(of: token, in: folder))
      try lock.lock(.exclusive)
      // A sweep may have met the file before it was locked, and removed it.
      guard lock.isAtItsPath else { continue }
      self.token = token
      self.lock = lock
      return
    }
  }

  deinit { end() }

  /// Lets the lock go.
  ///
  /// Called when the store is closed; the process's end does the same.
  func end() {
    try? FileSystem.remove(lock.path)
    lock.unlock()
  }

  static func newToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let word = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }

  private static func path(of token: String, in folder: String) -> String {
    "\(folder)/owner-\(token)"
  }

  /// Whether the process behind a token still lives.
  ///
  /// Asks the kernel: it cannot be out of date.
  static func isAlive(_ token: String, in folder: String) -> Bool {
    do throws(StoreError) {
      return try !FileLock(existing: path(of: token, in: folder)).tryLock(.shared)
    } catch .system(let error) where error.code == ENOENT {
      return false
    } catch {
      // No file handle left, say: who may live is not to be declared dead, and paid for again.
      return true
    }
  }

  /// Begins the name of the file in which a process keeps space for answers.
  static let sparePrefix = "spare-"

  /// Removes the lock files of processes that ended, and the space that they kept.
  static func sweep(_ folder: String) throws(StoreError) {
    for name in try FileSystem.names(in: folder) ?? [] where name.hasPrefix(sparePrefix) {
      guard !isAlive(String(name.dropFirst(sparePrefix.utf8.count)), in: folder) else { continue }
      try FileSystem.remove("\(folder)/\(name)")
    }
    for name in try FileSystem.names(in: folder) ?? [] where name.hasPrefix("owner-") {
      let lock = try FileLock(at: "\(folder)/\(name)")
      if try lock.tryLock(.exclusive) { try FileSystem.remove(lock.path) }
    }
  }

  /// Whether a second lock on the own file is refused, as it must be.
  func locksWork() throws(StoreError) -> Bool {
    let second = try FileLock(at: lock.path)
    return try !second.tryLock(.exclusive)
  }
}
