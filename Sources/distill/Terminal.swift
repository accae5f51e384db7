import Diagnostics
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The two streams: data to standard output, words for people to standard error.
enum Terminal {
  static func output(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
  static func output(_ json: JSON) { output(VisibleJSON.text(json)) }
  static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Text as it is, for progress lines that end without a line feed.
  static func errorRaw(_ text: String) { write(text, to: STDERR_FILENO) }

  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 && term != "dumb" }

  /// Colour only for people at a terminal who did not say no (`NO_COLOR`).
  static var usesColor: Bool {
    if ProcessEnvironment.value(of: "NO_COLOR").map({ !$0.isEmpty }) == true { return false }
    if ProcessEnvironment.value(of: "FORCE_COLOR").map({ !$0.isEmpty }) == true { return true }
    return errorIsTerminal
  }

  private static var term: String { ProcessEnvironment.value(of: "TERM") ?? "dumb" }

  /// Columns of the terminal behind standard error; 80 where it says nothing.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all of a text; a closed stream (a pipe to `head`) is not an error of ours.
  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0) }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}
