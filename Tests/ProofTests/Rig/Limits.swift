import Foundation
import TestSupport

/// Runs the tool with less than it would like to have.
struct Limits {
  struct CannotLimit: Error {}

  /// Words of shell that set the limit for what it starts.
  private let shell: String
  /// The control group that the process is put into; nil without one.
  private var group: ControlGroup?

  init(shell: String) { self.shell = shell }

  /// So much memory for the process and its children, and no swap: above it the kernel ends it.
  ///
  /// Of a control group and not by `ulimit -v`: that counts addresses, of which a thread's stack and
  /// a mapped file take many and use few.
  static func memory(mebibytes: Int) throws -> Limits {
    guard let group = ControlGroup(bytes: mebibytes << 20) else { throw CannotLimit() }
    var limits = Limits(shell: "echo $$ > '\(group.path)/cgroup.procs'")
    limits.group = group
    return limits
  }

  static let canLimitMemory: Bool = ControlGroup(bytes: 256 << 20) != nil

  /// The most bytes that the group held.
  var mostMemory: Int { group?.most ?? 0 }

  func run(
    _ arguments: [String],
    in folder: String,
    seconds: Int = 600
  ) throws -> Tool.Result {
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(shell) && exec \"$@\"", "sh", Tool.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // A report of a crash would take longer than the run.
    process.environment = Tool.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    return try Running(process: process, outputs: outputs).result(within: seconds)
  }
}

/// A group of processes with a limit on their memory, removed with its last use.
private final class ControlGroup: Sendable {
  let path: String
  private let peak: String

  /// Nil where none can be made: no rights, or no memory controller.
  init?(bytes: Int) {
    let name = "distill-test-\(UUID().uuidString.prefix(8))"
    let forms = [
      ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
      ("/sys/fs/cgroup", "memory.max", "memory.peak"),
    ]
    for (root, limit, most) in forms {
      let path = "\(root)/\(name)"
      guard mkdir(path, 0o700) == 0 else { continue }
      guard let file = FileHandle(forWritingAtPath: "\(path)/\(limit)"),
        (try? file.write(contentsOf: Data("\(bytes)".utf8))) != nil
      else {
        rmdir(path)
        continue
      }
      self.path = path
      peak = "\(path)/\(most)"
      return
    }
    return nil
  }

  deinit { rmdir(path) }

  var most: Int {
    let text = FileManager.default.contents(atPath: peak).map {
      String(decoding: $0, as: UTF8.self)
    }
    return text.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
