#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

/// The end of standard input: how a child learns that its parent is gone, however it went.
///
/// By `poll` on a thread, not by a dispatch source: those report nothing for files and `/dev/null` on
/// Linux, and a child whose input is empty from the start should end at once.
package enum EndOfInput {
  /// Returns once the input is closed or the task is cancelled; what is read is dropped.
  package static func wait(on descriptor: Int32 = STDIN_FILENO) async throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError("make a pipe for", path: "standard input") }
    let (alarm, bell) = (ends[0], ends[1])
    defer {
      close(alarm)
      close(bell)
    }
    try await withTaskCancellationHandler {
      try await Blocking.run { try drain(descriptor, until: alarm) }
    } onCancel: {
      _ = write(bell, "!", 1)
    }
  }

  /// Reads until the end of the first descriptor, or until the second has something to read.
  private static func drain(_ descriptor: Int32, until alarm: Int32) throws {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var waiting = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: alarm, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&waiting, 2, -1) < 0 {
        guard errno == EINTR else { throw SystemError("wait for", path: "standard input") }
        continue
      }
      if waiting[1].revents != 0 { return }
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { return }
    }
  }
}
