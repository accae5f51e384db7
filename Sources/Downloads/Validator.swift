import Primitives
import Transfer

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a server calls the present state of a file, so that the rest of it can be asked for only if it
/// is still that (RFC 9110, section 13.1.5).
///
/// It lies beside the partial file. If it is lost, or damaged, the rest is asked for all the same: the
/// digest of the whole decides.
struct Validator: Hashable {
  let url: String
  let value: String

  /// A strong entity tag, else the time of the last change; nil where an answer has neither.
  init?(_ answer: HTTPResponse, of url: String) {
    let tag = answer.header("ETag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
    guard let value = tag ?? answer.header("Last-Modified") else { return nil }
    self.url = url
    self.value = value
  }

  /// The one that was noted of an earlier answer; another address has other tags.
  init?(noted file: PartialFile, for url: String) {
    guard var lines = try? LineReader(path: Self.path(of: file)), let line = try? lines.next(),
      let json = try? JSON(parsing: line), json["url"]?.string == url,
      let value = json["if_range"]?.string
    else { return nil }
    self.url = url
    self.value = value
  }

  /// Notes it for the next process; a failure costs nothing but the check.
  func note(beside file: PartialFile) {
    let json: JSON = ["if_range": .string(value), "url": .string(url)]
    let bytes = json.canonical + [0x0A]
    let descriptor = open(Self.path(of: file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  static func remove(beside file: PartialFile) { unlink(path(of: file)) }

  static func path(of file: PartialFile) -> String { "\(file.path).json" }
}
