// TollRig: starts toll servers for tests, and reads what they charged.

import Foundation
import Primitives

/// A toll server as a process of its own.
///
/// Ends with its last use; `kill` ends it as a crash does, and a second one may go on with its
/// ledger.
package final class Toll {
  package enum Failure: Error {
    /// It ended before it said where it listens.
    case ended(status: Int32)
  }

  /// The binary lies beside the test bundle, in whatever folder the build was made.
  package static let path: String = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("toll-server").path
  }()

  /// What it said: `http://127.0.0.1:8080/v1`, or `unix:/path`.
  package let address: String
  package let ledger: TollLedger
  private let process: Process

  /// Starts a server and waits until it listens.
  package init(
    ledger: String,
    _ arguments: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    self.ledger = TollLedger(path: ledger)
    process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path)
    process.arguments = ["--ledger", ledger] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A {
      line.append(byte)
    }
    guard !line.isEmpty else {
      process.waitUntilExit()
      throw Failure.ended(status: process.terminationStatus)
    }
    address = String(decoding: line, as: UTF8.self)
  }

  deinit { if process.isRunning { kill() } }

  /// Port of 127.0.0.1; 0 where it listens on a socket file.
  package var port: Int {
    URL(string: address)?.port ?? 0
  }

  /// The address without `/v1`, which Azure's paths hang on.
  package var origin: String { address.replacing("/v1", with: "") }

  /// Ends it at once, as a crash does.
  package func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Asks it to end, as a shell does, and says whether it did within ten seconds.
  package func terminate() -> Bool {
    process.terminate()
    for _ in 0..<1_000 where process.isRunning { usleep(10_000) }
    return !process.isRunning
  }

  /// Runs a command of the server to its end.
  package static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
