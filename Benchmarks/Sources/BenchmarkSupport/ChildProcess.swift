#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One program run to its end, with its time and memory.
package struct ChildProcess: Sendable {
  /// A line of standard output, and when it came.
  package struct Line: Sendable {
    package let text: String
    /// Seconds from the program's start.
    package let seconds: Double
  }

  /// Wall time, in seconds.
  package let seconds: Double
  /// Time of the processor, in the program and in the kernel for it, in seconds.
  package let processorSeconds: Double
  /// The most memory that the program, or any one program that it started, held: in MiB.
  package let peakMemory: Double
  package let lines: [Line]

  package var output: String { lines.map { $0.text + "\n" }.joined() }

  /// Runs a program in a folder; `onStart` is given its process id.
  ///
  /// - Throws: `BenchmarkError` if it cannot be started or does not end well.
  package static func run(
    _ arguments: [String],
    in folder: String,
    onStart: (Int32) -> Void = { _ in }
  ) throws -> ChildProcess {
    let start = ContinuousClock.now
    var pipe = try Pipe()
    let identifier = try spawn(arguments, in: folder, output: pipe.writer)
    pipe.closeWriter()
    onStart(identifier)
    let lines = readLines(pipe.reader, since: start)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(identifier, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchmarkError("cannot wait for '\(arguments[0])'") }
    }
    let process = ChildProcess(
      seconds: (ContinuousClock.now - start) / .seconds(1),
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakMemory: Double(usage.ru_maxrss) / unitsPerMebibyte,
      lines: lines
    )
    guard status == 0 else {
      let command = arguments.joined(separator: " ")
      throw BenchmarkError(
        "'\(command)' ended with wait status \(status); it printed:\n\(process.output)"
      )
    }
    return process
  }

  private static func readLines(_ descriptor: Int32, since start: ContinuousClock.Instant) -> [Line]
  {
    var lines: [Line] = []
    var rest: [UInt8] = []
    func add(_ line: some Sequence<UInt8>) {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      lines.append(Line(text: String(decoding: Array(line), as: UTF8.self), seconds: seconds))
    }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest += chunk[..<count]
      while let end = rest.firstIndex(of: 0x0A) {
        add(rest[..<end])
        rest.removeFirst(end + 1)
      }
    }
    if !rest.isEmpty { add(rest) }
    return lines
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// `ru_maxrss` counts kibibytes on Linux, bytes on macOS.
  private static var unitsPerMebibyte: Double {
    #if os(Linux)
      1024
    #else
      1024 * 1024
    #endif
  }
}
