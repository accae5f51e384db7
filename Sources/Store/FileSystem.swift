import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The few operations on folders and whole files that the store is made of.
enum FileSystem {
  /// Makes one folder, private to its user; true if it was not there before.
  @discardableResult
  static func makeFolder(_ path: String) throws(StoreError) -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    let code = errno
    guard code == EEXIST else { throw StoreError("make folder", path: path, code: code) }
    return false
  }

  /// Makes a folder and those above it; the names of new ones are on the disk when this returns.
  static func makeFolders(_ path: String) throws(StoreError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      let parent = made.isEmpty ? "/" : made
      made += "/\(part)"
      if try makeFolder(made) { try synchronizeFolder(parent) }
    }
  }

  /// The names in a folder, sorted by bytes, without `.` and `..`; nil if there is no folder.
  static func names(in path: String) throws(StoreError) -> [String]? {
    guard let folder = opendir(path) else {
      let code = errno
      if code == ENOENT { return nil }
      throw StoreError("list", path: path, code: code)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted(by: UTF8Order.less)
  }

  static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }

  /// The size of a regular file, in bytes; nil for anything else, or nothing.
  static func size(ofFileAt path: String) -> Int? {
    guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The size of a regular file that no symbolic link leads to; nil for anything else.
  static func size(ofPlainFileAt path: String) -> Int? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether a folder is there, itself and no link to one.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a file that is not there, and has it read and written by its user alone.
  static func makePrivate(_ path: String) throws(StoreError) {
    let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT)
    guard fchmod(file.raw, 0o600) == 0 else { throw StoreError("chmod", path: path, code: errno) }
  }

  /// Makes the names in a folder durable.
  static func synchronizeFolder(_ path: String) throws(StoreError) {
    try FileDescriptor(opening: path, O_RDONLY | O_DIRECTORY).synchronize()
  }

  static func rename(_ source: String, to target: String) throws(StoreError) {
    // `Glibc.rename` would be shadowed here by this very function.
    guard systemRename(source, target) == 0 else {
      throw StoreError("rename to", path: target, code: errno)
    }
  }

  /// Removes a file; one that is not there is no error.
  static func remove(_ path: String) throws(StoreError) {
    guard unlink(path) != 0 else { return }
    let code = errno
    guard code == ENOENT else { throw StoreError("remove", path: path, code: code) }
  }

  /// Removes a folder with all that is in it; links are removed, not followed.
  static func removeTree(_ path: String) throws(StoreError) {
    guard isFolder(path) else { return try remove(path) }
    for name in try names(in: path) ?? [] { try removeTree("\(path)/\(name)") }
    guard rmdir(path) != 0 else { return }
    let code = errno
    guard code == ENOENT else { throw StoreError("remove", path: path, code: code) }
  }

  /// When a file's bytes changed last, in seconds since 1970.
  static func modified(_ status: stat) -> Int64 {
    #if canImport(Glibc)
      Int64(status.st_mtim.tv_sec)
    #else
      Int64(status.st_mtimespec.tv_sec)
    #endif
  }

  /// All bytes of a file.
  static func read(_ path: String) throws(StoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size(ofFileAt: path) ?? 0)
    try forEachChunk(of: path) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Hands over a file's bytes, up to 256 KiB at a time.
  static func forEachChunk(
    of path: String,
    _ body: (ArraySlice<UInt8>) -> Void
  ) throws(StoreError) {
    let file = try FileDescriptor(opening: path, O_RDONLY)
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    while true {
      let count = try file.read(into: &buffer)
      guard count > 0 else { return }
      body(buffer[..<count])
    }
  }

  /// The digest and size of a file's bytes.
  static func reference(toFileAt path: String) throws(StoreError) -> ObjectRef {
    let file = try FileDescriptor(opening: path, O_RDONLY)
    var buffer = [UInt8](repeating: 0, count: 256 * 1024)
    var hasher = SHA256Hasher()
    var size = 0
    while true {
      let count = try file.read(into: &buffer)
      guard count > 0 else { break }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      size += count
    }
    return ObjectRef(digest: hasher.finalize(), size: size)
  }

  /// Replaces a file whole: a reader, or a crash, meets the old bytes or the new ones.
  static func replace(_ path: String, with bytes: [UInt8], temporary: String) throws(StoreError) {
    do throws(StoreError) {
      let file = try FileDescriptor(
        opening: temporary,
        O_WRONLY | O_CREAT | O_TRUNC,
        operation: "write"
      )
      try file.write(bytes)
      try file.synchronize()
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(folder(of: path))
  }

  /// The path above: `.` for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

private func systemRename(_ source: String, _ target: String) -> Int32 { rename(source, target) }
