#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The body of an answer as it arrives: in memory, or if it is a success that is to go elsewhere, in
/// a file or a sink.
///
/// A file that was not finished is removed; a sink keeps what it took.
struct AnswerBody: ~Copyable {
  /// What is kept in memory.
  private(set) var bytes: [UInt8] = []
  /// Bytes taken, wherever they went.
  private(set) var count = 0
  /// Whether more came than the limit allows.
  private(set) var isTooLarge = false
  /// Why the body cannot be kept, for people.
  private(set) var problem: String?

  private let limit: Int
  private let path: String?
  private let sink: (any BodySink)?
  private var hasBegun = false
  private var descriptor: Int32 = -1
  private var isFinished = false

  /// Takes at most so many bytes; those of a success go to the sink if there is one, else with a
  /// path to a new file there.
  init(limit: Int, path: String?, sink: (any BodySink)? = nil) {
    self.limit = limit
    self.path = path
    self.sink = sink
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

  /// Takes a piece; false if the limit is passed or it cannot be kept.
  mutating func take(_ piece: UnsafeRawBufferPointer, of head: HTTPResponse) -> Bool {
    // What refuses an answer for what it announces says more than that too much came.
    if head.isSuccess, let sink, !begin(sink, head) { return false }
    guard count + piece.count <= limit else {
      isTooLarge = true
      return false
    }
    count += piece.count
    if head.isSuccess, let sink {
      problem = sink.take(piece)
      return problem == nil
    }
    guard head.isSuccess, path != nil else {
      bytes.append(contentsOf: piece)
      return true
    }
    return open() && write(piece)
  }

  /// Ends the body; a success without a byte leaves an empty file, or has begun in the sink.
  ///
  /// - Returns: Whether what is to be kept is whole.
  mutating func finish(_ head: HTTPResponse) -> Bool {
    guard head.isSuccess else { return true }
    if let sink { return begin(sink, head) }
    guard path != nil else { return true }
    isFinished = open()
    return isFinished
  }

  /// Tells the sink of the answer, unless that was done.
  private mutating func begin(_ sink: any BodySink, _ head: HTTPResponse) -> Bool {
    guard !hasBegun else { return problem == nil }
    hasBegun = true
    problem = sink.begin(head)
    return problem == nil
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
