import Foundation
import TestSupport

/// Wall clocks that are wrong, or jump while a run is under way.
///
/// `Tests/FaultShim/clock-shim.c` says how. The monotonic clocks are as they are.
struct Clock {
  enum Lie: String, CaseIterable {
    case tenYearsBack = "10 years back"
    case tenYearsAhead = "10 years ahead"
    case backAnHour = "back an hour amid the run"
    case frozen = "frozen"
  }

  struct DidNotBuild: Error {}

  static var isPossible: Bool {
    #if os(Linux)
      true
    #else
      false
    #endif
  }

  private static let tenYears: Int64 = 3652 * 86_400 * 1_000_000_000
  private static let hour: Int64 = 3600 * 1_000_000_000
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: "\(ProjectFolder.path)/Tests/FaultShim/build-clock.sh"
    )
    process.arguments = ["\(folder.path)/clock.so"]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw DidNotBuild() }
  }

  /// The environment of processes that have this clock.
  var environment: [String: String] {
    ["LD_PRELOAD": "\(folder.path)/clock.so", "CLOCK_FILE": "\(folder.path)/clock"]
  }

  /// Sets what the clock shows at the start of a run.
  func set(_ lie: Lie) throws {
    switch lie {
    case .tenYearsBack: try write(added: -Self.tenYears)
    case .tenYearsAhead: try write(added: Self.tenYears)
    case .backAnHour: try write(added: 0)
    case .frozen:
      try write(added: 0, frozen: Int64(Date().timeIntervalSince1970) * 1_000_000_000)
    }
  }

  /// Sets it back under the processes that run, where that is the lie.
  func jump(_ lie: Lie) throws {
    if lie == .backAnHour { try write(added: -Self.hour) }
  }

  /// Writes in place, since the file is mapped.
  private func write(added: Int64, frozen: Int64 = 0) throws {
    let path = "\(folder.path)/clock"
    if !FileManager.default.fileExists(atPath: path) { try folder.write("", to: "clock") }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.write(contentsOf: withUnsafeBytes(of: (added, frozen)) { Data($0) })
  }
}
