import Foundation
import Primitives
import TestSupport

/// The built programs as a user runs them.
enum Tool {
  /// The binary to prove.
  static let path = program("distill")

  /// A built program.
  ///
  /// They lie beside the test bundle; `DISTILL_PROVE_BIN` names another folder.
  static func program(_ name: String) -> String {
    if let folder = ProcessInfo.processInfo.environment["DISTILL_PROVE_BIN"] {
      return "\(folder)/\(name)"
    }
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent(name).path
  }

  static var environment: [String: String] {
    var values = ProcessInfo.processInfo.environment
    values["DISTILL_SHARE"] = "\(ProjectFolder.path)/workflows"
    values["DISTILL_CACHE"] = nil
    values["NO_COLOR"] = "1"
    return values
  }

  /// What a command came to.
  struct Result {
    let status: Int32
    /// The signal that ended it; nil where it ended by itself.
    let signal: Int32?
    let output: String
    let error: String

    /// Standard output as one JSON value a line.
    var events: [JSON] {
      output.split(separator: "\n").compactMap { try? JSON(parsing: Array($0.utf8)) }
    }

    /// The last line of `--json`.
    var summary: JSON { events.last ?? .null }

    func calls(_ name: String) -> Int? { summary["calls"]?[name]?.int }
  }

  /// Starts the tool; its output goes to files, so that no pipe fills up.
  static func start(
    _ arguments: [String],
    in folder: String,
    environment extra: [String: String] = [:]
  ) throws -> Running {
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment.merging(extra) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    return Running(process: process, outputs: outputs)
  }

  @discardableResult
  static func run(
    _ arguments: [String],
    in folder: String,
    environment: [String: String] = [:],
    seconds: Int = 600
  ) throws -> Result {
    try start(arguments, in: folder, environment: environment).result(within: seconds)
  }
}

/// A tool that was started.
struct Running {
  struct Hangs: Error { let output: String }

  let process: Process
  let outputs: TemporaryFolder

  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Kills the process; whether it was that which ended it.
  func killed() -> Bool {
    send(SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
  }

  /// Waits for the end.
  ///
  /// - Throws: `Hangs` after so many seconds, so that a hang is a failure and not a wait for ever.
  func result(within seconds: Int = 600) throws -> Tool.Result {
    let end = ContinuousClock.now + .seconds(seconds)
    while process.isRunning {
      if ContinuousClock.now > end {
        _ = killed()
        throw Hangs(output: try outputs.read("err"))
      }
      usleep(1000)
    }
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return Tool.Result(
      status: isSignal ? -1 : process.terminationStatus,
      signal: isSignal ? process.terminationStatus : nil,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }
}

extension Running {
  /// Waits for the end; with the most memory that the process was seen to hold, in KiB.
  ///
  /// The kernel keeps the peak, so that nothing is missed between two looks but the last moment.
  func resultAndPeak(within seconds: Int) throws -> (Tool.Result, Int) {
    var peak = 0
    let end = ContinuousClock.now + .seconds(seconds)
    while process.isRunning, ContinuousClock.now < end {
      let path = "/proc/\(process.processIdentifier)/status"
      let text = FileManager.default.contents(atPath: path).map {
        String(decoding: $0, as: UTF8.self)
      }
      let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      peak = line.flatMap { Int($0.filter(\.isNumber)) }.map { max(peak, $0) } ?? peak
      usleep(5000)
    }
    return (try result(within: 1), peak)
  }
}
