#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import ModelServer
import TestSupport
import Testing

@Suite("The end of input", .timeLimit(.minutes(20)))
struct EndOfInputTests {
  @Test("comes when the other end of a pipe is closed, and not with bytes before")
  func pipeEnds() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    let waiting = Task { try await EndOfInput.wait(on: reading) }
    // More than one read takes: the pipe only empties if bytes are read and dropped.
    let written = await Task.detached {
      let bytes = [UInt8](repeating: 10, count: 300_000)
      return bytes.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
    }.value
    #expect(written == 300_000)
    close(writing)
    try await waiting.value
  }

  @Test("comes when the task is cancelled")
  func cancelled() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let reading = ends[0]
    let waiting = Task { try await EndOfInput.wait(on: reading) }
    waiting.cancel()
    try await waiting.value
  }

  @Test("comes at once where the input is empty or a file")
  func files() async throws {
    let folder = try TemporaryFolder()
    for path in ["/dev/null", try folder.write("some text", to: "file")] {
      let descriptor = open(path, O_RDONLY)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      try await EndOfInput.wait(on: descriptor)
    }
  }
}
