import Foundation
import Primitives
import Store
import Testing

/// What a child process does to a store while strace watches.
enum Workload: String {
  /// 20 claims and 20 settlements, one after the other.
  case sequential
  /// 200 claims and 200 settlements by 200 tasks at once.
  case grouped
  /// One object.
  case object
  /// Opens the store, which may be of an earlier format, and closes it.
  case opening
  /// Repairs the store, which is damaged.
  case repairing
  /// Calls that share one budget, ended in every way, for as long as it lasts.
  case spending

  static let variable = "DISTILL_TEST_WORKLOAD"
  static let storeVariable = "DISTILL_TEST_STORE"

  /// The one that this process is to run; nil in an ordinary test run.
  static let asked = ProcessInfo.processInfo.environment[variable].flatMap {
    Workload(rawValue: $0)
  }

  /// The test program itself, told to run nothing but the workload.
  func command() throws -> [String] {
    [
      try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      "--testing-library", "swift-testing", "--filter", "WorkloadTests",
    ]
  }

  func environment(store: String) -> [String: String] {
    [Workload.variable: rawValue, Workload.storeVariable: store]
  }

  /// Starts the workload in a process of its own, for whoever kills it.
  func start(store: String) throws -> Process {
    let process = Process()
    let command = try command()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment(store: store)) {
      $1
    }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  func run(in store: Store) async throws {
    switch self {
    case .opening, .repairing: break
    case .spending: try await Spender(ledger: store.ledger).spendAll()
    case .object: try await store.objects.put("ordered")
    case .sequential:
      for number in 0..<20 { try await Workload.makeCall(number, store.ledger) }
    case .grouped:
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask { try await Workload.makeCall(number, store.ledger) }
        }
        try await group.waitForAll()
      }
    }
  }

  private static func makeCall(_ number: Int, _ ledger: Ledger) async throws {
    let attempt = try #require(try await ledger.claim(call("call \(number)")).attempt)
    try await ledger.settle(attempt, text: "x")
  }
}

@Suite struct WorkloadTests {
  @Test(.enabled(if: Workload.asked != nil, "runs in a child process of DurabilityTests only"))
  func workload() async throws {
    let workload = try #require(Workload.asked)
    let path = try #require(ProcessInfo.processInfo.environment[Workload.storeVariable])
    if workload == .repairing {
      _ = try await Store.repair(at: path)
      return
    }
    let store = try await Store.open(at: path, mode: .existing)
    try await workload.run(in: store)
    await store.close()
  }
}
