#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

/// The folder in which a server keeps its list of files and its jobs, so that they survive a restart.
///
/// `files.json` lists the files; `jobs/<id>.json` is one job. Each is replaced as a whole: written
/// beside under another name, brought to the disk, renamed. What the files hold lies in the store.
/// One server at a time has the folder: it holds a kernel lock on `lock` for as long as it lives.
final class StateFolder: Sendable {
  private let path: String
  private let lock: Int32

  /// Makes the folder if it is not there, private to its user.
  ///
  /// - Throws: `StateFolderError.inUse`, or `SystemError`.
  init(path: String) throws {
    self.path = path
    for folder in [path, "\(path)/jobs"] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw SystemError("make folder", path: folder)
    }
    lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw SystemError("open", path: "\(path)/lock") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let error = SystemError("lock", path: "\(path)/lock")
      close(lock)
      if isTaken { throw StateFolderError.inUse(path) }
      throw error
    }
  }

  deinit { close(lock) }

  /// Lets another server have the folder; nothing may be saved afterwards.
  func release() { flock(lock, LOCK_UN) }

  /// Replaces `files.json`, or the file of a job.
  func save(_ json: JSON, as name: String) throws(SystemError) {
    let target = "\(path)/\(name).json"
    let part = "\(path)/\(name).part"
    let bytes = json.canonical
    let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("open", path: part) }
    let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    // A short write leaves no reason behind: it is the disk that has no more room.
    if written >= 0, written < bytes.count { errno = ENOSPC }
    let isSafe = written == bytes.count && fsync(file) == 0
    let problem = isSafe ? nil : SystemError("write", path: part)
    close(file)
    if let problem {
      unlink(part)
      throw problem
    }
    guard rename(part, target) == 0 else { throw SystemError("rename to", path: target) }
    try synchronize(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
  }

  private func synchronize(_ folder: String) throws(SystemError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemError("synchronize", path: folder) }
  }

  /// The list of files as it was saved; nil where there is none yet.
  func files() throws -> JSON? { try load("files.json") }

  /// The jobs as they were saved, in no order.
  func jobs() throws -> [JSON] {
    guard let folder = opendir("\(path)/jobs") else {
      throw SystemError("list", path: "\(path)/jobs")
    }
    defer { closedir(folder) }
    var jobs: [JSON] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json"), let job = try load("jobs/\(name)") { jobs.append(job) }
    }
    return jobs
  }

  private func load(_ name: String) throws -> JSON? {
    let file = "\(path)/\(name)"
    guard access(file, F_OK) == 0 else { return nil }
    var reader = try LineReader(path: file)
    let bytes = try reader.next()
    do {
      return try JSON(parsing: bytes ?? [])
    } catch {
      throw StateFolderError.damaged(file, reason: "\(error)")
    }
  }
}

/// Why a server cannot use the folder of its state.
package enum StateFolderError: Error, Hashable, Sendable, CustomStringConvertible {
  case inUse(String)
  case damaged(String, reason: String)

  package var description: String {
    switch self {
    case .inUse(let path):
      "another server keeps its files and jobs in '\(path)'; end it, or give this one another "
        + "--cache"
    case .damaged(let file, let reason):
      "'\(file)' is damaged: \(reason); remove it to start without what it lists"
    }
  }
}
