#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The few socket calls that the scripted server needs.
package enum Sockets {
  package struct Failure: Error {
    package let operation: String
    package let code = errno
  }

  #if canImport(Glibc)
    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let sendFlags = Int32(MSG_NOSIGNAL)
  #else
    private static let stream = SOCK_STREAM
    private static let sendFlags: Int32 = 0
  #endif

  /// A listening socket on a free port of 127.0.0.1, and that port.
  package static func listen() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard bind(descriptor, pointer, size) == 0 else { return Int32(-1) }
      return getsockname(descriptor, pointer, &size)
    }
    guard code == 0 else { throw Failure(operation: "bind") }
    try startListening(descriptor)
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  package static func listen(unix path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, stream, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafeBytes(of: &address) { bytes in
      bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
    }
    guard code == 0 else { throw Failure(operation: "bind '\(path)'") }
    try startListening(descriptor)
    return descriptor
  }

  private static func startListening(_ descriptor: Int32) throws {
    #if canImport(Glibc)
      let code = Glibc.listen(descriptor, 128)
    #else
      let code = Darwin.listen(descriptor, 128)
    #endif
    guard code == 0 else { throw Failure(operation: "listen") }
  }

  /// A port of 127.0.0.1 where nobody listens.
  package static func closedPort() throws -> Int {
    let (descriptor, port) = try listen()
    close(descriptor)
    return port
  }

  package static func resetOnClose(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<linger>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, size)
  }

  /// Sends all; a client that has gone is no concern of the server's.
  package static func send(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { part in
        #if canImport(Glibc)
          Glibc.send(descriptor, part.baseAddress, part.count, sendFlags)
        #else
          Darwin.send(descriptor, part.baseAddress, part.count, sendFlags)
        #endif
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads requests off one connection.
  package struct Stream {
    package struct Head {
      package let method: String
      package let target: String
      package let headers: [(name: String, value: String)]
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next request line and headers; nil when the client is gone.
    package mutating func readHead() -> Head? {
      let end = Array("\r\n\r\n".utf8)
      while true {
        if let index = buffer.indices.first(where: { buffer[$0...].starts(with: end) }) {
          let text = String(decoding: buffer[..<index], as: UTF8.self)
          buffer.removeFirst(index + end.count)
          return Self.parse(text)
        }
        guard fill() else { return nil }
      }
    }

    /// So many bytes of a body; nil when the client is gone before.
    package mutating func read(_ count: Int) -> [UInt8]? {
      while buffer.count < count {
        guard fill() else { return nil }
      }
      defer { buffer.removeFirst(count) }
      return Array(buffer.prefix(count))
    }

    package mutating func discardRest() {
      while fill() { buffer = [] }
    }

    private mutating func fill() -> Bool {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return false }
      buffer += chunk[..<count]
      return true
    }

    private static func parse(_ text: String) -> Head? {
      let lines = text.split(separator: "\r\n")
      let words = lines.first?.split(separator: " ") ?? []
      guard words.count == 3 else { return nil }
      let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        return (String(line[..<colon]), String(value))
      }
      return Head(method: String(words[0]), target: String(words[1]), headers: headers)
    }
  }
}
