#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A port of 127.0.0.1 where connections are neither taken nor refused: nobody accepts, and the queue
/// of those that wait is full.
final class BlackHole {
  let url: String
  private var descriptors: [Int32] = []

  struct Failure: Error {
    let code = errno
  }

  init() throws {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let listener = socket(AF_INET, kind, 0)
    descriptors = [listener]
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      return bind(listener, pointer, size) == 0 && listen(listener, 0) == 0
        && getsockname(listener, pointer, &size) == 0
    }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
    guard isListening else { throw Failure() }
    // How many wait differs between systems; those beyond stay in the middle of their handshake.
    for _ in 0..<8 {
      let client = socket(AF_INET, kind, 0)
      descriptors.append(client)
      _ = fcntl(client, F_SETFL, O_NONBLOCK)
      withUnsafeBytes(of: &address) { bytes in
        _ = connect(client, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, size)
      }
    }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }
}
