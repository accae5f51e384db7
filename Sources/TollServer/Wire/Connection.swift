import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One client's connection, closed with its last use (a socket descriptor).
///
/// Blocking: each connection has a thread of its own, so that what is sent, when, and how the
/// connection ends are in the hands of one straight line of code.
struct Connection: ~Copyable {
  /// From 1, in order of acceptance.
  let number: Int
  private let descriptor: Int32
  /// What has arrived and was not taken yet.
  private var buffer: [UInt8] = []
  private var start = 0

  init(descriptor: Int32, number: Int) {
    self.descriptor = descriptor
    self.number = number
    // An answer is one or two writes; waiting to fill a packet would only delay the second.
    var on: Int32 = 1
    setsockopt(
      descriptor,
      Int32(IPPROTO_TCP),
      TCP_NODELAY,
      &on,
      socklen_t(MemoryLayout<Int32>.size)
    )
    #if !canImport(Glibc)
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  deinit { close(descriptor) }

  /// Makes the close a reset (RST) instead of an end (FIN).
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Says nothing until the client is gone or the time is over.
  func stall(seconds: Double) {
    let end = Date().addingTimeInterval(seconds)
    while true {
      let rest = end.timeIntervalSinceNow
      guard rest > 0 else { return }
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&event, 1, Int32(min(rest * 1_000, 3_600_000).rounded(.up)))
      guard count > 0 else { continue }
      var byte: UInt8 = 0
      guard recv(descriptor, &byte, 1, 0) > 0 else { return }
    }
  }
}

// MARK: - Reading

extension Connection {
  /// Bytes up to and with a blank line; nil when the client is gone or they are more than `limit`.
  mutating func takeHead(limit: Int = 65_536) -> [UInt8]? {
    var searched = start
    while true {
      if let end = endOfHead(from: searched) {
        defer { drop(end - start) }
        return Array(buffer[start..<end])
      }
      let count = buffer.count - start
      guard count < limit else { return nil }
      // The blank line may begin in the last three bytes that are here.
      searched = max(count - 3, 0)
      guard fill() else { return nil }
    }
  }

  /// The place behind the first blank line that begins at `from` or later.
  private func endOfHead(from: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard bytes.count >= 4 else { return nil }
      for place in from..<max(bytes.count - 3, from) where bytes[place] == 0x0D {
        if bytes[place + 1] == 0x0A, bytes[place + 2] == 0x0D, bytes[place + 3] == 0x0A {
          return place + 4
        }
      }
      return nil
    }
  }

  /// So many bytes; nil when the client is gone before.
  mutating func take(_ count: Int) -> [UInt8]? {
    while buffer.count - start < count {
      guard fill(wanted: count - (buffer.count - start)) else { return nil }
    }
    defer { drop(count) }
    return Array(buffer[start..<start + count])
  }

  private mutating func drop(_ count: Int) {
    start += count
    guard start == buffer.count else { return }
    buffer.removeAll(keepingCapacity: true)
    start = 0
  }

  /// Moves what is left to the front and reads once behind it.
  private mutating func fill(wanted: Int = 0) -> Bool {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    let kept = buffer.count
    let size = min(max(wanted, 16_384), 1 << 20)
    buffer.append(contentsOf: repeatElement(0, count: size))
    var count = -1
    repeat {
      count = buffer.withUnsafeMutableBytes { bytes in
        recv(descriptor, bytes.baseAddress.map { $0 + kept }, size, 0)
      }
    } while count < 0 && errno == EINTR
    buffer.removeLast(size - max(count, 0))
    return count > 0
  }
}

// MARK: - Writing

extension Connection {
  #if canImport(Glibc)
    private static let sendFlags = Int32(MSG_NOSIGNAL)
  #else
    private static let sendFlags: Int32 = 0
  #endif

  /// Hands all bytes to the system; false when the client is gone.
  func send(_ bytes: some Collection<UInt8>) -> Bool {
    let bytes = Array(bytes)
    return bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let rest = bytes.baseAddress.map { $0 + sent }
        #if canImport(Glibc)
          let count = Glibc.send(descriptor, rest, bytes.count - sent, Self.sendFlags)
        #else
          let count = Darwin.send(descriptor, rest, bytes.count - sent, Self.sendFlags)
        #endif
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }
}
