import Diagnostics
import Engine
import Foundation
import Workflow

/// The lock file of a workflow on the disk.
enum LockOutput {
  static func write(_ lock: LockFile, of workflow: CheckedWorkflow) throws {
    let path = LockFile.path(ofWorkflow: workflow.path)
    try Data(lock.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    Terminal.error("wrote '\(path)'; commit it, and 'distill verify' holds others to it")
  }

  /// Reads the lock of a workflow.
  ///
  /// - Throws: `Problems`, also where there is none.
  static func read(of workflow: CheckedWorkflow) throws -> LockFile {
    let path = LockFile.path(ofWorkflow: workflow.path)
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Problems([
        Problem(
          "there is no lock '\(path)'",
          at: nil,
          hint: "'distill run --lock \(workflow.path)' writes it once all of the workflow has run"
        )
      ])
    }
    return try LockFile(parsing: Array(bytes), path: path)
  }
}

extension LockDifference {
  /// `answers@cot would not do what the lock says: template, samples changed`.
  var text: String {
    let name = ForeignText.line(name)
    return switch what {
    case .unlocked: "'\(name)' is not in the lock"
    case .absent: "'\(name)' is in the lock, and the workflow has it no more"
    case .file: "file '\(name)' has other bytes than the lock says"
    case .parameter: "parameter '\(name)' has another value than the lock says"
    case .key(let changed) where changed.isEmpty: "'\(name)' would not do what the lock says"
    case .key(let changed):
      "'\(name)' would not do what the lock says: \(changed.joined(separator: ", ")) changed"
    }
  }
}
