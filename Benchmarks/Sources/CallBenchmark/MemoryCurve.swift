import BenchmarkSupport
import Foundation
import Synchronization

/// How much memory a long run of distill holds while it goes on.
struct MemoryCurve {
  struct Sample {
    /// Seconds from the program's start.
    let seconds: Double
    /// Resident memory, in MiB.
    let mebibytes: Double
  }

  let figures: Figures
  let samples: [Sample]

  /// Runs distill over the rows, and looks at its memory ten times a second (on Linux alone).
  static func measure(_ options: Options, _ url: String, in folder: String) throws -> MemoryCurve {
    let sampler = Sampler()
    let client = Distill(
      name: Report.distill,
      rows: options.memoryRows,
      options: options,
      onStart: { sampler.start($0) }
    )
    let figures = try client.measure(url, in: folder)
    return MemoryCurve(figures: figures, samples: sampler.end())
  }

  /// The largest sample of each tenth of the run.
  var tenths: [Double] {
    guard let last = samples.last else { return [] }
    return (0..<10).map { tenth in
      let part = samples.filter { Int($0.seconds / last.seconds * 9.999) == tenth }
      return part.map(\.mebibytes).max() ?? 0
    }
  }

  /// Looks at a process from a thread of its own.
  private final class Sampler: Sendable {
    private let samples = Mutex<[Sample]>([])
    private let isEnded = Mutex(false)
    private let ended = DispatchSemaphore(value: 0)

    func start(_ process: Int32) {
      let begin = ContinuousClock.now
      Thread.detachNewThread { [self] in
        while !isEnded.withLock({ $0 }) {
          if let mebibytes = Self.residentMemory(of: process) {
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            samples.withLock { $0.append(Sample(seconds: seconds, mebibytes: mebibytes)) }
          }
          Thread.sleep(forTimeInterval: 0.1)
        }
        ended.signal()
      }
    }

    func end() -> [Sample] {
      isEnded.withLock { $0 = true }
      ended.wait()
      return samples.withLock { $0 }
    }

    /// The line `VmRSS:    123 kB` of `/proc/<pid>/status`.
    private static func residentMemory(of process: Int32) -> Double? {
      let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        .flatMap { Double($0) }.map { $0 / 1024 }
    }
  }
}
