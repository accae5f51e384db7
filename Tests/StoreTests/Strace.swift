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
    // The test program itself, told to run nothing but the workload.
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    try runTool(
      [
        "strace", "-f", "-y", "--seccomp-bpf", "-s", "400", "-e",
        "trace=fsync,fdatasync,rename,renameat,renameat2", "-o", output, program,
        "--testing-library", "swift-testing", "--filter", "WorkloadTests",
      ],
      environment: [Workload.variable: workload.rawValue, Workload.storeVariable: store]
    )
    return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }
}
