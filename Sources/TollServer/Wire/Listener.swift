import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A listening socket: a port of 127.0.0.1, or a Unix domain socket.
struct Listener {
  #if canImport(Glibc)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif

  private let descriptor: Int32
  /// What clients are given: `http://127.0.0.1:8080/v1` or `unix:/path`.
  let address: String

  /// Listens on a port of 127.0.0.1; 0 takes a free one.
  init(port: UInt16) throws(SystemError) {
    let name = "127.0.0.1:\(port)"
    descriptor = try Self.socket(AF_INET, name)
    // A server that is started anew takes its port back at once.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let code = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard bind(descriptor, pointer, size) == 0 else { return Int32(-1) }
      return getsockname(descriptor, pointer, &size)
    }
    guard code == 0 else { throw SystemError("listen on", path: name) }
    self.address = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/v1"
    try listen(name)
  }

  /// Listens on a socket file, in place of one that a killed server left.
  init(socketFile path: String) throws(SystemError) {
    var address = sockaddr_un()
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SystemError("listen on", path: path, code: ENAMETOOLONG)
    }
    descriptor = try Self.socket(AF_UNIX, path)
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    unlink(path)
    let code = withUnsafeBytes(of: &address) { bytes in
      bind(
        descriptor,
        bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
        socklen_t(MemoryLayout<sockaddr_un>.size)
      )
    }
    guard code == 0 else { throw SystemError("listen on", path: path) }
    self.address = "unix:\(path)"
    try listen(path)
  }

  private static func socket(_ family: Int32, _ name: String) throws(SystemError) -> Int32 {
    #if canImport(Glibc)
      let descriptor = Glibc.socket(family, stream, 0)
    #else
      let descriptor = Darwin.socket(family, stream, 0)
    #endif
    guard descriptor >= 0 else { throw SystemError("listen on", path: name) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  private func listen(_ name: String) throws(SystemError) {
    #if canImport(Glibc)
      let code = Glibc.listen(descriptor, 1_024)
    #else
      let code = Darwin.listen(descriptor, 1_024)
    #endif
    guard code == 0 else { throw SystemError("listen on", path: name) }
  }

  /// Gives each connection a thread of its own; returns only if the system refuses for good.
  func serve(_ body: @escaping @Sendable (consuming Connection) -> Void) throws(SystemError) {
    var number = 0
    while true {
      let client = accept(descriptor, nil, nil)
      guard client >= 0 else {
        if [EINTR, ECONNABORTED].contains(errno) { continue }
        // Descriptors or memory that are short now come back as connections end.
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
          usleep(10_000)
          continue
        }
        throw SystemError("accept on", path: address)
      }
      number += 1
      let connection = number
      let thread = Thread { body(Connection(descriptor: client, number: connection)) }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }
}
