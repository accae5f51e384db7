import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The end of standard input: how a child learns that its parent is gone, however it went.
package enum EndOfInput {
  /// Returns once the input is closed or the task is cancelled; what is read is dropped.
  package static func wait(on descriptor: Int32 = STDIN_FILENO) async {
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
    source.setEventHandler {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { continuation.finish() }
    }
    source.resume()
    for await _ in ends {}
    source.cancel()
  }
}
