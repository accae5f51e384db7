import Foundation
import Testing

/// Runs one workload in a process of its own and watches what that asks of the disk.
enum Strace {
  /// Whether strace is there and may trace: some containers forbid it.
  static let isAllowed: Bool = {
    let path = "\(NSTemporaryDirectory())/distill-strace-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return (try? runTool(["strace", "-f", "-o", path, "true"])) != nil
  }()

  /// The calls of fsync, fdatasync and rename in the order they returned, one a line, with paths.
  ///
  /// - Throws: `ToolFailed` if the workload fails.
  static func lines(of workload: Workload, store: String) throws -> [String] {
    let output = "\(store).trace"
    try runTool(
      [
        "strace", "-f", "-y", "--seccomp-bpf", "-s", "400", "-e",
        "trace=fsync,fdatasync,rename,renameat,renameat2", "-o", output,
      ] + workload.command(),
      environment: workload.environment(store: store)
    )
    return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  /// Kills a workload at its n-th change of a name or its n-th wait for the disk, whatever the file.
  ///
  /// - Returns: Whether it came that far; else it ran to its end.
  static func kill(_ workload: Workload, store: String, atStep number: Int) throws -> Bool {
    let steps = "rename,fsync,fdatasync,unlink"
    do {
      try runTool(
        [
          "strace", "-f", "-o", "/dev/null", "-e", "trace=\(steps)", "-e",
          "inject=\(steps):signal=KILL:when=\(number)",
        ] + workload.command(),
        environment: workload.environment(store: store)
      )
      return false
    } catch is ToolFailed {
      return true
    }
  }

  /// Kills a workload when it makes the n-th system call that changes a file or makes it durable.
  ///
  /// - Returns: Whether it came that far; else it ran to its end.
  static func kill(_ workload: Workload, store: String, atChange number: Int) throws -> Bool {
    let changes = "pwrite64,write,fsync,fdatasync,rename,unlink,ftruncate"
    do {
      try runTool(
        [
          "strace", "-f", "-o", "/dev/null", "-P", "\(store)/ledger.sqlite", "-P",
          "\(store)/ledger.sqlite-wal", "-P", "\(store)/distill.json", "-P", store, "-e",
          "trace=\(changes)", "-e", "inject=\(changes):signal=KILL:when=\(number)",
        ] + workload.command(),
        environment: workload.environment(store: store)
      )
      return false
    } catch is ToolFailed {
      return true
    }
  }
}
