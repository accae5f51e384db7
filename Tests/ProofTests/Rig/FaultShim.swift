import Foundation
import TestSupport

/// The library that numbers what the tool does to its store, and makes step n fail.
///
/// `Tests/FaultShim/fault-shim.c` says what a step is and what the actions do.
struct FaultShim {
  struct DidNotBuild: Error {}

  enum Action: String, CaseIterable {
    case killBefore = "kill-before"
    case killAfter = "kill-after"
    /// Half of a write's bytes, then the kill.
    case killTorn = "kill-torn"
    case short
    case noSpace = "ENOSPC"
    case inputOutput = "EIO"
    case interrupted = "EINTR"
  }

  /// Which steps fail besides the one named.
  enum Repetition: String, CaseIterable {
    case once
    /// Every later step too.
    case forever = "all"
    /// Every other one of the later steps, so that what is tried again succeeds.
    case everyOther = "other"
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(ProjectFolder.path)/Tests/FaultShim/build.sh")
    process.arguments = ["\(folder.path)/shim.so"]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw DidNotBuild() }
  }

  /// The environment of a process whose steps below a folder are numbered.
  ///
  /// The folder must be there. The log is told of each step before it is done. With a trigger,
  /// steps are numbered from when that file is there.
  func environment(
    over watched: String,
    log: String? = nil,
    at step: Int? = nil,
    _ action: Action = .killBefore,
    _ repetition: Repetition = .once,
    kinds: [String] = [],
    when trigger: String? = nil
  ) -> [String: String] {
    var values = ["LD_PRELOAD": "\(folder.path)/shim.so", "FAULT_FOLDER": watched]
    values["FAULT_LOG"] = log
    values["FAULT_WHEN"] = trigger
    if let step {
      values["FAULT_AT"] = "\(step)"
      values["FAULT_ACTION"] = action.rawValue
    }
    if repetition != .once { values["FAULT_FOREVER"] = repetition.rawValue }
    if !kinds.isEmpty { values["FAULT_KINDS"] = kinds.joined(separator: ",") }
    return values
  }

  /// A step as the log has it.
  struct Step: Equatable {
    let number: Int
    let kind: String
    let path: String
  }

  static func steps(in log: String) throws -> [Step] {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
      .split(separator: "\n")
      .compactMap { line in
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let number = Int(words[0]) else { return nil }
        return Step(number: number, kind: String(words[1]), path: String(words[2]))
      }
  }
}

extension FaultShim {
  static var isPossible: Bool {
    #if os(Linux)
      true
    #else
      false
    #endif
  }
}
