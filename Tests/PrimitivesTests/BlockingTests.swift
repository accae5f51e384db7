import Dispatch
import Primitives
import Testing

@Suite("Blocking calls", .timeLimit(.minutes(20)))
struct BlockingTests {
  @Test("give back what they return or throw")
  func outcomes() async throws {
    #expect(try await Blocking.run { 6 * 7 } == 42)
    await #expect(throws: SystemError("try", path: "it", code: 1)) {
      try await Blocking.run { throw SystemError("try", path: "it", code: 1) }
    }
  }

  @Test("run beside each other, more than the cooperative pool has threads")
  func together() async throws {
    let count = 16
    let arrived = DispatchGroup()
    for _ in 0..<count { arrived.enter() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          // Each waits for all: run one behind the other, none would end.
          try await Blocking.run {
            arrived.leave()
            arrived.wait()
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
