#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The body of an answer as it arrives: in memory, or in a file if it is a success that is to be
/// saved.
///
/// A file that was not finished is removed.
struct AnswerBody: ~Copyable {
  /// What is kept in memory.
  private(set) var bytes: [UInt8] = []
  /// Bytes taken, wherever they went.
  private(set) var count = 0
  /// Whether more came than the limit allows.
  private(set) var isTooLarge = false
  /// Why the file cannot be written, for people.
  private(set) var problem: String?

  private let limit: Int
  private let path: String?
  private var descriptor: Int32 = -1
  private var isFinished = false

  /// Takes at most so many bytes; with a path, those of a success go to a new file there.
  init(limit: Int, path: String?) {
    self.limit = limit
    self.path = path
  }

  deinit { end() }

  private func end() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isFinished, let path { unlink(path) }
  }

  /// Removes an unfinished file now, before anybody is told of the failure.
  mutating func discard() {
    end()
    descriptor = -1
  }

  /// Takes a piece; false if the limit is passed or the file cannot be written.
  mutating func take(_ piece: UnsafeRawBufferPointer, isSuccess: Bool) -> Bool {
    guard count + piece.count <= limit else {
      isTooLarge = true
      return false
    }
    count += piece.count
    guard isSuccess, path != nil else {
      bytes.append(contentsOf: piece)
      return true
    }
    return open() && write(piece)
  }

  /// Ends the body; a success without a byte leaves an empty file.
  ///
  /// - Returns: Whether the file, if there is to be one, is whole.
  mutating func finish(isSuccess: Bool) -> Bool {
    guard isSuccess, path != nil else { return true }
    isFinished = open()
    return isFinished
  }

  /// Makes the file, unless that was done.
  private mutating func open() -> Bool {
    guard descriptor < 0, let path else { return true }
    #if canImport(Glibc)
      descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    #else
      descriptor = Darwin.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    #endif
    if descriptor < 0 { problem = "cannot make '\(path)': \(String(cString: strerror(errno)))" }
    return descriptor >= 0
  }

  private mutating func write(_ piece: UnsafeRawBufferPointer) -> Bool {
    var rest = piece[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, part.baseAddress, part.count)
      #else
        let count = Darwin.write(descriptor, part.baseAddress, part.count)
      #endif
      guard count > 0 || errno == EINTR else {
        problem = "cannot write '\(path ?? "")': \(String(cString: strerror(errno)))"
        return false
      }
      rest = rest.dropFirst(max(count, 0))
    }
    return true
  }
}
