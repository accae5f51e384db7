import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Checkpoint {
  /// Writes the four files, making the folder if need be.
  ///
  /// All four are written in full under other names before the first takes its place, and the
  /// configuration, without which nobody reads the folder, takes its place last: a write that fails
  /// or is cut short leaves a folder that has no model, or the one it had.
  ///
  /// - Throws: `CheckpointError` with the file and the system's reason, such as a full disk; what
  ///   was written so far is removed.
  package func write(to folder: String) throws(CheckpointError) {
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw Self.failed("make the folder", folder, file: folder)
    }
    let files = files()
    do throws(CheckpointError) {
      for (name, bytes) in files {
        try Self.write(bytes, to: Self.partPath(name, in: folder), file: name)
      }
    } catch {
      for (name, _) in files { unlink(Self.partPath(name, in: folder)) }
      throw error
    }
    let path = "\(folder)/\(Self.configurationName)"
    // The old configuration must not stand beside new weights, not even for a moment.
    guard unlink(path) == 0 || errno == ENOENT else {
      throw Self.failed("remove", path, file: Self.configurationName)
    }
    let order = files.map(\.name).filter { $0 != Self.configurationName }
    for name in order + [Self.configurationName] {
      guard rename(Self.partPath(name, in: folder), "\(folder)/\(name)") == 0 else {
        throw Self.failed("rename to", "\(folder)/\(name)", file: name)
      }
    }
  }

  private static func partPath(_ name: String, in folder: String) -> String {
    "\(folder)/.\(name).part"
  }

  private static func write(
    _ bytes: [UInt8],
    to path: String,
    file name: String
  ) throws(CheckpointError) {
    guard let file = fopen(path, "wb") else { throw failed("open", path, file: name) }
    // The first that fails says why: `fsync` of a file that could not be filled has another reason.
    let isSafe =
      fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
      && fsync(fileno(file)) == 0
    let reason = errno
    let isClosed = fclose(file) == 0
    guard isSafe, isClosed else {
      if !isSafe { errno = reason }
      throw failed("write", path, file: name)
    }
  }

  static func failed(_ operation: String, _ path: String, file: String) -> CheckpointError {
    CheckpointError(file: file, SystemError(operation, path: path).description)
  }
}
