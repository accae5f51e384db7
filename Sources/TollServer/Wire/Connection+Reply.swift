#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Connection {
  /// What became of an answer.
  struct Sent {
    /// Whether the last byte of a whole answer was handed to the system.
    var isComplete: Bool
    /// Whether the connection is over.
    var isOver: Bool
  }

  /// Sends an answer as it says.
  func deliver(_ reply: Reply, keepAlive: Bool) -> Sent {
    let head = Self.head(of: reply, keepAlive: keepAlive)
    switch reply.delivery {
    case .whole:
      return sendWhole(reply, head, thenClose: !keepAlive)
    case .wholeThenClose:
      return sendWhole(reply, head, thenClose: true)
    case .nothing(let end): return cut(end)
    case .stall(let seconds):
      stall(seconds: seconds)
      return cut(.close)
    case .half(.head, let end):
      _ = send(head.prefix(head.count / 2))
      return cut(end)
    case .half(.body, let end):
      _ = send(head + Self.half(of: reply))
      return cut(end)
    case .halfThenStall(let seconds):
      if send(head + Self.half(of: reply)) { stall(seconds: seconds) }
      return cut(.close)
    case .drip(let milliseconds):
      return drip(reply, head, milliseconds, thenClose: !keepAlive)
    }
  }

  private func cut(_ end: Reply.End) -> Sent {
    if end == .reset { resetOnClose() }
    return Sent(isComplete: false, isOver: true)
  }

  private func sendWhole(_ reply: Reply, _ head: [UInt8], thenClose: Bool) -> Sent {
    let isSent =
      switch reply.body {
      case .bytes: send(head + Self.framed(reply))
      case .repeated(let first, let unit, let times, let tail):
        send(head) && sendRepeated(first, unit, times, tail)
      }
    switch reply.framing {
    case .length(over: 0), .chunked:
      return Sent(isComplete: isSent, isOver: thenClose || !isSent)
    // The client waits for more, or has more than it was promised: neither connection goes on.
    case .length, .chunksCut: return cut(.close)
    }
  }

  private func drip(
    _ reply: Reply,
    _ head: [UInt8],
    _ milliseconds: Int,
    thenClose: Bool
  ) -> Sent {
    var isSent = send(head)
    for byte in Self.framed(reply) where isSent {
      usleep(UInt32(milliseconds) * 1_000)
      isSent = send(CollectionOfOne(byte))
    }
    return Sent(isComplete: isSent, isOver: thenClose || !isSent)
  }

  /// Sends in pieces of about a megabyte, each a chunk.
  private func sendRepeated(
    _ head: [UInt8],
    _ unit: [UInt8],
    _ times: Int,
    _ tail: [UInt8]
  ) -> Bool {
    let unitsPerPiece = max(1, (1 << 20) / max(unit.count, 1))
    let piece = Self.chunk(Array(repeatElement(unit, count: unitsPerPiece).joined()))
    guard send(Self.chunk(head)) else { return false }
    for _ in 0..<(times / unitsPerPiece) {
      guard send(piece) else { return false }
    }
    let rest = Array(repeatElement(unit, count: times % unitsPerPiece).joined())
    return send((rest.isEmpty ? [] : Self.chunk(rest)) + Self.chunk(tail) + Self.lastChunk)
  }
}

// MARK: - Bytes

extension Connection {
  private static var lastChunk: [UInt8] { Array("0\r\n\r\n".utf8) }

  private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
  }

  /// A held body as it goes over the wire.
  private static func framed(_ reply: Reply) -> [UInt8] {
    switch reply.framing {
    case .length: reply.bytes
    case .chunked: chunk(reply.bytes) + lastChunk
    case .chunksCut: chunk(reply.bytes)
    }
  }

  private static func half(of reply: Reply) -> [UInt8] {
    let bytes = Array(reply.bytes.prefix(reply.bytes.count / 2))
    if case .length = reply.framing { return bytes }
    return chunk(bytes)
  }

  private static func head(of reply: Reply, keepAlive: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(reply.status) \(StatusText.of(reply.status))\r\n"
    for header in reply.headers { text += "\(header.name): \(header.value)\r\n" }
    switch reply.framing {
    case .length(let over):
      text += "Content-Length: \(reply.bytes.count + over)\r\n"
    case .chunked, .chunksCut: text += "Transfer-Encoding: chunked\r\n"
    }
    if !keepAlive { text += "Connection: close\r\n" }
    return Array((text + "\r\n").utf8)
  }
}
