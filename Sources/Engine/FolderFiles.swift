import Diagnostics
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files in a folder and the folders below it, for a field that takes a folder.
///
/// Names that begin with a point are left out: they are the system's and the editor's. A symbolic link
/// is refused, since what it leads to may be anything, anywhere, and would not be pinned with the rest.
enum FolderFiles {
  /// Paths below the folder, sorted by bytes.
  ///
  /// Blocking.
  ///
  /// - Throws: `Problem` for what is neither file nor folder, `SystemError`.
  static func list(_ folder: String) throws -> [String] {
    var found: [String] = []
    var waiting = [""]
    while let prefix = waiting.popLast() {
      for name in try names(in: folder + "/" + prefix) where !name.hasPrefix(".") {
        let path = prefix + name
        switch try kind(of: "\(folder)/\(path)") {
        case S_IFREG: found.append(path)
        case S_IFDIR: waiting.append(path + "/")
        case S_IFLNK:
          throw Problem(
            "'\(path)' in the folder '\(folder)' is a symbolic link",
            at: nil,
            hint: "put the file itself there, or name the folder that the link leads to"
          )
        default:
          throw Problem("'\(path)' in the folder '\(folder)' is no file", at: nil)
        }
      }
    }
    return found.sorted(by: UTF8Order.less)
  }

  /// Whether a path, through links, leads to a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func kind(of path: String) throws(SystemError) -> mode_t {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw SystemError("look at", path: path) }
    return status.st_mode & S_IFMT
  }

  private static func names(in path: String) throws(SystemError) -> [String] {
    guard let folder = opendir(path) else { throw SystemError("list", path: path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
      )
    }
    return names
  }
}
