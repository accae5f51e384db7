#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import FlyingSocks
import Primitives

/// The file that a Unix domain socket is bound to.
enum SocketFile {
  /// Makes the folder (mode 0700) if it is not there, and clears away the socket of a dead server.
  static func prepare(_ path: String) throws {
    let folder = folder(of: path)
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw SystemError("make folder", path: folder)
    }
    try checkPrivate(folder)
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw ListenError.pathTaken(path) }
    guard !isAnswering(path) else { throw ListenError.socketInUse(path) }
    try remove(path)
  }

  static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path: path) }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Whoever can open the folder can connect: a socket's own mode counts on some systems only.
  private static func checkPrivate(_ folder: String) throws {
    var status = stat()
    guard stat(folder, &status) == 0 else { throw SystemError("look at", path: folder) }
    let mode = UInt32(status.st_mode) & 0o777
    guard mode & 0o077 == 0, status.st_uid == geteuid() else {
      throw ListenError.folderNotPrivate(folder, mode: mode)
    }
  }

  private static func isAnswering(_ path: String) -> Bool {
    guard let socket = try? Socket(domain: Int32(AF_UNIX)) else { return false }
    defer { try? socket.close() }
    return (try? socket.connect(to: .unix(path: path))) != nil
  }
}
