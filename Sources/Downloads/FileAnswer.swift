import Synchronization
import Transfer

/// One answer with a file, or with the rest of one, on its way into the partial file.
final class FileAnswer: BodySink {
  private struct State {
    /// Bytes of the whole file, where the answer says so.
    var total: Int?
    var isRest = false
  }

  private let file: PartialFile
  private let url: String
  private let limit: Int
  private let report: @Sendable (_ done: Int, _ total: Int?) -> Void
  private let state = Mutex(State())

  init(
    _ file: PartialFile,
    of url: String,
    limit: Int,
    report: @escaping @Sendable (_ done: Int, _ total: Int?) -> Void
  ) {
    self.file = file
    self.url = url
    self.limit = limit
    self.report = report
  }

  var total: Int? { state.withLock { $0.total } }
  /// Whether the bytes went behind those of an earlier answer.
  var isRest: Bool { state.withLock { $0.isRest } }

  func begin(_ head: HTTPResponse) -> String? {
    let range = ContentRange(head)
    if head.status == 206 {
      guard let range, range.first == file.size else {
        return "the server sent another part of the file than was asked for"
      }
      note(total: range.total, isRest: range.first > 0)
    } else {
      // The whole file, whatever was asked for: it is another one now, or the server knows no parts.
      do {
        try file.cut(to: 0)
      } catch {
        return "\(error)"
      }
      note(total: head.header("Content-Length").flatMap { Int($0) }, isRest: false)
    }
    if let total, total > limit {
      return "the file has \(total) bytes, more than the limit of \(limit)"
    }
    Validator(head, of: url)?.note(beside: file)
    return nil
  }

  func take(_ piece: UnsafeRawBufferPointer) -> String? {
    guard file.append(piece) else { return file.problem.map { "\($0)" } ?? "it cannot be kept" }
    report(file.size, total)
    return nil
  }

  private func note(total: Int?, isRest: Bool) {
    state.withLock { $0 = State(total: total, isRest: isRest) }
  }
}

/// The header `Content-Range` (RFC 9110, section 14.4): `bytes 100-199/200`, `bytes */200`.
struct ContentRange {
  /// The first byte of the part; -1 where there is no part.
  let first: Int
  /// Bytes of the whole; nil for `*`.
  let total: Int?

  init?(_ answer: HTTPResponse) {
    guard let value = answer.header("Content-Range"), value.lowercased().hasPrefix("bytes ") else {
      return nil
    }
    let parts = value.dropFirst(6).split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    total = Int(parts[1])
    if parts[0] == "*" {
      first = -1
    } else {
      guard let first = parts[0].split(separator: "-").first.flatMap({ Int($0) }) else {
        return nil
      }
      self.first = first
    }
  }
}
