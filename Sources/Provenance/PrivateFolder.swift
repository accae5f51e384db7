#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

/// A folder that a tree is restored into, written by its handle and never through a symbolic link.
struct PrivateFolder: ~Copyable {
  private let root: Descriptor

  /// Opens a folder that is there; its last step may not be a symbolic link.
  init(opening path: String) throws(SystemRefusal) {
    let opened = Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
    guard opened.isOpen else { throw SystemRefusal(number: errno) }
    root = opened
  }

  /// Makes a folder for this user alone, or takes an empty one.
  static func new(_ path: String) throws(GitError) -> PrivateFolder {
    let operation = "restore into '\(path)'"
    do throws(SystemRefusal) {
      if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemRefusal(number: errno) }
      let folder = try PrivateFolder(opening: path)
      if isEmpty(path) { return folder }
    } catch {
      throw GitError(operation, system: error.number)
    }
    throw GitError(
      operation,
      reason: "it is not empty",
      hint: "name a folder that is not there yet"
    )
  }

  private static func isEmpty(_ path: String) -> Bool {
    guard let stream = opendir(path) else { return false }
    defer { closedir(stream) }
    // `.` and `..` are always there.
    for _ in 0..<2 where readdir(stream) == nil { return true }
    return readdir(stream) == nil
  }

  /// Writes a file that is not there yet.
  func write(_ bytes: [UInt8], to path: String, isExecutable: Bool) throws(SystemRefusal) {
    let file = try create(path, isExecutable: isExecutable)
    try file.write(bytes)
  }

  /// Makes a symbolic link that is not there yet.
  func link(_ path: String, to target: String) throws(SystemRefusal) {
    let place = try parent(of: path)
    guard symlinkat(target, place.folder.number, place.name) == 0 else {
      throw SystemRefusal(number: errno)
    }
  }

  /// Copies a file's bytes to a path, whatever file or link is there.
  ///
  /// - Returns: Whether the bytes have the digest; nothing is left at the path if not.
  func copy(
    _ source: String,
    to path: String,
    _ digest: Digest,
    isExecutable: Bool
  ) throws(SystemRefusal) -> Bool {
    let reader = try FileReader(source)
    try remove(path)
    var hasher = SHA256Hasher()
    var failure: SystemRefusal?
    do {
      let file = try create(path, isExecutable: isExecutable)
      try reader.forEachPiece { piece in
        hasher.update(piece)
        do throws(SystemRefusal) {
          try file.write(piece)
        } catch {
          failure = error
        }
        return failure == nil
      }
    }
    if let failure { throw failure }
    if hasher.finalize() == digest { return true }
    try remove(path)
    return false
  }

  private func create(_ path: String, isExecutable: Bool) throws(SystemRefusal) -> Descriptor {
    let place = try parent(of: path)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(
      openat(place.folder.number, place.name, flags, isExecutable ? 0o755 : 0o644)
    )
    guard file.isOpen else { throw SystemRefusal(number: errno) }
    return file
  }

  private func remove(_ path: String) throws(SystemRefusal) {
    let place = try parent(of: path)
    guard unlinkat(place.folder.number, place.name, 0) == 0 || errno == ENOENT else {
      throw SystemRefusal(number: errno)
    }
  }

  /// A name in an open folder.
  private struct Place: ~Copyable {
    let folder: Descriptor
    let name: String
  }

  /// The folder that a path's last step is in, made where it is not there, and that step.
  private func parent(of path: String) throws(SystemRefusal) -> Place {
    let steps = FilePath.steps(path)
    guard let name = steps.last, !steps.contains("..") else { throw SystemRefusal(number: EINVAL) }
    var folder = Descriptor(fcntl(root.number, F_DUPFD_CLOEXEC, 0))
    for step in steps.dropLast() {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      var next = openat(folder.number, step, flags)
      if next < 0, errno == ENOENT, mkdirat(folder.number, step, 0o700) == 0 || errno == EEXIST {
        next = openat(folder.number, step, flags)
      }
      guard next >= 0 else { throw SystemRefusal(number: errno) }
      folder = Descriptor(next)
    }
    return Place(folder: folder, name: name)
  }
}

/// An open file or folder, closed with its last use.
private struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { if number >= 0 { close(number) } }

  var isOpen: Bool { number >= 0 }

  func write(_ bytes: [UInt8]) throws(SystemRefusal) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(SystemRefusal) in try write(bytes) }
    }
    try result.get()
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Glibc)
        let count = Glibc.write(number, rest.baseAddress, rest.count)
      #else
        let count = Darwin.write(number, rest.baseAddress, rest.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemRefusal(number: errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}
