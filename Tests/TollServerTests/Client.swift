import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One connection to a server, and what came over it, byte for byte.
final class Client {
  /// How an exchange came to its end.
  enum End: Sendable {
    /// The answer was whole, and the connection is open.
    case open
    case closed
    case reset
  }

  struct Answer: Sendable {
    /// 0 where no head came.
    let status: Int
    let head: String
    let body: [UInt8]
    let end: End
    /// Everything, as it came.
    let raw: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON? { try? JSON(parsing: body) }
    var content: String? { json?["choices"]?.array?.first?["message"]?["content"]?.string }

    func header(_ name: String) -> String? {
      head.split(separator: "\r\n").compactMap { line -> String? in
        let sides = line.split(separator: ":", maxSplits: 1)
        guard sides.count == 2, sides[0].lowercased() == name.lowercased() else { return nil }
        return sides[1].trimmingCharacters(in: .whitespaces)
      }.first
    }
  }

  private let descriptor: Int32

  init(port: Int) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
      signal(SIGPIPE, SIG_IGN)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafeBytes(of: &address) { bytes in
      connect(
        descriptor,
        bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
        socklen_t(MemoryLayout<sockaddr_in>.size)
      )
    }
    guard code == 0 else {
      let error = SystemError("connect to", path: "port \(port)")
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Sends one request and reads one answer, or what there is of it.
  func send(
    _ method: String,
    _ target: String,
    headers: [String: String] = [:],
    body: [UInt8] = []
  ) -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
    head += "Content-Length: \(body.count)\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    write(Array("\(head)\r\n".utf8) + body)
    return read()
  }

  /// Sends bytes as they are.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { part in
        #if canImport(Glibc)
          Glibc.send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
        #else
          Darwin.send(descriptor, part.baseAddress, part.count, 0)
        #endif
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads one answer by its length or chunks, or up to the end of the connection.
  func read() -> Answer {
    var raw: [UInt8] = []
    while true {
      if let answer = Self.whole(raw) { return answer }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return Self.parsed(raw, count == 0 ? .closed : .reset) }
      raw += chunk[..<count]
    }
  }
}

// MARK: - Reading an answer's bytes

extension Client {
  private static func split(_ raw: [UInt8]) -> (head: String, body: [UInt8])? {
    guard let gap = raw.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: raw[..<gap.lowerBound], as: UTF8.self)
    return (head, Array(raw[gap.upperBound...]))
  }

  /// The answer, if all that it announces is here.
  private static func whole(_ raw: [UInt8]) -> Answer? {
    guard let (head, body) = split(raw) else { return nil }
    let answer = parsed(raw, .open)
    if answer.status == 100 { return answer }
    if head.contains("Transfer-Encoding: chunked") {
      return body.suffix(5).elementsEqual("0\r\n\r\n".utf8) ? answer : nil
    }
    let length = answer.header("content-length").flatMap { Int($0) } ?? 0
    return body.count >= length ? answer : nil
  }

  private static func parsed(_ raw: [UInt8], _ end: End) -> Answer {
    guard let (head, body) = split(raw) else {
      return Answer(status: 0, head: "", body: [], end: end, raw: raw)
    }
    return Answer(
      status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
      head: head,
      body: head.contains("Transfer-Encoding: chunked") ? unchunked(body) : body,
      end: end,
      raw: raw
    )
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    var body: [UInt8] = []
    while let line = rest.firstRange(of: [0x0D, 0x0A]),
      let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16)
    {
      rest = rest[line.upperBound...]
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
    }
    return body
  }
}
