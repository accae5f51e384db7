#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Foundation
import Primitives

/// The plainest HTTP client there is: one connection, one request, read to the end.
///
/// It blocks, so each exchange has a thread of its own; on the cooperative pool it would take the
/// place of the server that it waits for.
struct RawClient: Sendable {
  enum Place: Sendable {
    case socket(String)
    case port(UInt16)
  }

  struct Response: Sendable {
    let status: Int
    let head: String
    let body: [UInt8]

    var json: JSON? { try? JSON(parsing: body) }
  }

  let place: Place

  /// Sends one request and asks for the connection to be closed behind the answer.
  func send(
    _ method: String,
    _ target: String,
    headers: [String: String] = [:],
    body: [UInt8] = []
  ) async throws -> Response {
    let usual = [
      "Host": "localhost", "Connection": "close", "Content-Length": "\(body.count)",
    ]
    var head = "\(method) \(target) HTTP/1.1\r\n"
    for (name, value) in usual.merging(headers, uniquingKeysWith: { $1 }) {
      head += "\(name): \(value)\r\n"
    }
    return try await exchange(Array("\(head)\r\n".utf8) + body)
  }

  /// Sends bytes as they are, and reads what comes until the server closes.
  func exchange(_ bytes: [UInt8]) async throws -> Response {
    try Self.parse(try await raw(bytes))
  }

  /// Sends bytes and gives what comes back; without `reads` it hangs up at once.
  func raw(_ bytes: [UInt8], reads: Bool = true) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try connected { try Self.talk($0, bytes, reads) } })
      }
    }
  }

  private func connected(_ talk: (Int32) throws -> [UInt8]) throws -> [UInt8] {
    switch place {
    case .socket(let path):
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      return try Self.connect(AF_UNIX, address, talk)
    case .port(let port):
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      return try Self.connect(AF_INET, address, talk)
    }
  }

  private static func connect<Address>(
    _ family: Int32,
    _ address: Address,
    _ talk: (Int32) throws -> [UInt8]
  ) throws -> [UInt8] {
    #if canImport(Glibc)
      let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(family, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    let code = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        systemConnect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard code == 0 else { throw SystemError("connect to", path: "the server") }
    return try talk(descriptor)
  }

  private static func talk(_ descriptor: Int32, _ bytes: [UInt8], _ reads: Bool) throws -> [UInt8] {
    // A server may hang up on broken requests while they are being sent.
    signal(SIGPIPE, SIG_IGN)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw SystemError("write to", path: "the server") }
      sent += count
    }
    var received: [UInt8] = []
    guard reads else { return received }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return received }
      received.append(contentsOf: buffer[..<count])
    }
  }

  private static func parse(_ bytes: [UInt8]) throws -> Response {
    let gap = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: gap) }) else {
      throw SystemError("read an answer from", path: "the server", code: ECONNRESET)
    }
    let head = String(decoding: bytes[..<end], as: UTF8.self)
    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return Response(status: status, head: head, body: Array(bytes[(end + 4)...]))
  }
}

/// `connect` itself, whose name the client's own function hides.
private func systemConnect(
  _ descriptor: Int32,
  _ address: UnsafePointer<sockaddr>,
  _ length: socklen_t
) -> Int32 {
  connect(descriptor, address, length)
}
