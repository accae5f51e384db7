import Foundation
import TestSupport

/// Runs the tool where everything that must not matter is different, and no network is.
///
/// A network namespace of its own has no interface that is up, not even loopback.
struct Namespace {
  /// How a namespace is made here: as root at once, else in a user namespace; nil where neither is
  /// allowed.
  private static let unshare: [String]? = [["unshare", "-n"], ["unshare", "-r", "-n"]].first {
    status($0 + ["true"]) == 0
  }

  static var isPossible: Bool { unshare != nil && status(["taskset", "-c", "0", "true"]) == 0 }

  /// What stands around a process and must not matter to it.
  struct Surroundings {
    let timeZone: String
    let locale: String
    let umask: String
    /// A folder that is nobody's home else.
    let home: String
  }

  private let locales: TemporaryFolder

  /// Compiles the Turkish locale, in which a small `I` is no `i`, where its source is installed.
  init() throws {
    locales = try TemporaryFolder()
    let turkish = ["localedef", "-i", "tr_TR", "-f", "UTF-8", "\(locales.path)/tr_TR.UTF-8"]
    _ = Self.status(turkish)
  }

  var hasTurkish: Bool {
    FileManager.default.fileExists(atPath: "\(locales.path)/tr_TR.UTF-8/LC_CTYPE")
  }

  /// Runs the tool on one core, without a network.
  func run(
    _ arguments: [String],
    in folder: String,
    _ surroundings: Surroundings,
    seconds: Int = 600
  ) throws -> Tool.Result {
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      (Self.unshare ?? []) + ["taskset", "-c", "0"]
      + ["sh", "-c", "umask \(surroundings.umask); exec \"$@\"", "sh", Tool.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment(surroundings)
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    return try Running(process: process, outputs: outputs).result(within: seconds)
  }

  private func environment(_ surroundings: Surroundings) -> [String: String] {
    var values = Tool.environment
    values["TZ"] = surroundings.timeZone
    values["LANG"] = surroundings.locale
    values["LC_ALL"] = surroundings.locale
    values["HOME"] = surroundings.home
    // It would hide the C library's own locales.
    values["LOCPATH"] = surroundings.locale.hasPrefix("tr_TR") ? locales.path : nil
    return values
  }

  /// The exit code of a program that says nothing; -1 where it cannot be started.
  private static func status(_ command: [String]) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
