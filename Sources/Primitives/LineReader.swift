#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An operation of the system that failed: which, on what, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  package let operation: String
  package let path: String
  package let code: Int32

  /// Takes `errno` as it stands unless a code is given.
  package init(_ operation: String, path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  package var reason: String { String(cString: strerror(code)) }
  package var description: String { "cannot \(operation) '\(path)': \(reason)" }
}

/// The lines of a file, one at a time, so that no file need fit in memory.
///
/// A line ends at a line feed; a carriage return before it is dropped, as is a byte order mark
/// at the start of the file. A last line without an end counts.
package struct LineReader: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var atEnd = false
  /// Number of the line last returned, from 1.
  package private(set) var lineNumber = 0

  package init(path: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The next line without its end; nil behind the last.
  package mutating func next() throws(SystemError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        let line = trimmed(start..<end)
        start = end + 1
        return line
      }
      if atEnd {
        guard start < buffer.count else { return nil }
        let line = trimmed(start..<buffer.count)
        start = buffer.count
        return line
      }
      searched = buffer.count - start
      try fill()
    }
  }

  private mutating func trimmed(_ range: Range<Int>) -> [UInt8] {
    lineNumber += 1
    var line = buffer[range]
    if line.last == 0x0D { line = line.dropLast() }
    if lineNumber == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    return Array(line)
  }

  /// Moves what is left to the front and reads up to 256 KiB behind it.
  private mutating func fill() throws(SystemError) {
    buffer.removeFirst(start)
    start = 0
    let size = 256 * 1024
    let kept = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: size))
    let count = buffer.withUnsafeMutableBytes { bytes in
      read(descriptor, bytes.baseAddress.map { $0 + kept }, size)
    }
    let code = errno
    buffer.removeLast(size - max(count, 0))
    if count == 0 { atEnd = true }
    if count < 0, code != EINTR { throw SystemError("read", path: path, code: code) }
  }
}
