import BenchmarkSupport
import Foundation

/// Something that makes chat calls to the server.
protocol Client {
  /// How the table names it.
  var name: String { get }
  /// Makes the calls in a new folder, and says how long they took.
  func measure(_ url: String, in folder: String) throws -> Figures
}

/// What one measurement came to.
struct Figures {
  /// Calls with an answer.
  var calls: Int
  /// From the first call to the last answer, as the client itself says.
  var seconds: Double
  /// Of the whole program, start included.
  var wholeSeconds: Double
  /// Processor time of the whole program.
  var processorSeconds: Double
  /// In MiB.
  var peakMemory: Double
  /// Bytes that the answers take on the disk; nil where none are kept.
  var storedBytes: Int?

  var perSecond: Double { Double(calls) / seconds }
}

extension Figures {
  /// Reads the last line of a client: `{"calls":…, "failed":…, "seconds":…}`.
  init(_ process: ChildProcess, of name: String) throws {
    let last = process.lines.last?.text ?? ""
    let totals = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any] ?? [:]
    guard let calls = totals["calls"] as? Int, let seconds = totals["seconds"] as? Double,
      totals["failed"] as? Int == 0
    else {
      throw BenchmarkError("\(name) did not make all of its calls; it printed:\n\(process.output)")
    }
    self.init(
      calls: calls,
      seconds: seconds,
      wholeSeconds: process.seconds,
      processorSeconds: process.processorSeconds,
      peakMemory: process.peakMemory
    )
  }
}

/// The load generator in C: what the machine and nginx can do at all.
struct Wrk: Client {
  let name = "wrk"
  let options: Options

  func measure(_ url: String, in folder: String) throws -> Figures {
    let process = try ChildProcess.run(
      [
        options.wrk, "--threads", "2", "--connections", "\(options.concurrency)", "--duration",
        "\(min(5, max(1, options.calls / 10_000)))s", "--script", "\(options.clients)/request.lua",
        "\(url)/chat/completions",
      ],
      in: folder
    )
    return try Figures(process, of: name)
  }
}

/// A program in Python.
struct PythonClient: Client {
  let name: String
  let script: String
  let calls: Int
  let options: Options

  func measure(_ url: String, in folder: String) throws -> Figures {
    let process = try ChildProcess.run(
      [
        options.python, "\(options.clients)/\(script)", url, "\(calls)",
        "\(options.concurrency)",
      ],
      in: folder
    )
    return try Figures(process, of: name)
  }
}
