import ModelService
import Primitives
import Store
import Testing

@Suite("Lanes")
struct LaneTests {
  private static func lane(_ limits: CallLimits, _ clock: FakeClock = FakeClock()) -> Lane {
    Lane(limits, page: RatePage(), startsSpread: false, time: clock.timekeeper)
  }

  /// Waits until so many tasks of the lane stand in its queue; each says so just before it enters.
  private static func settle() async { for _ in 0..<200 { await Task.yield() } }

  @Test("calls go in the order in which they first asked")
  func keepsOrder() async throws {
    let lane = Self.lane(CallLimits(concurrency: 1))
    let order = Shared<[Int]>([])
    let tickets = (0..<20).map { _ in lane.ticket() }
    let holder = try await lane.acquire(tokens: 0, ticket: lane.ticket())
    try await withThrowingTaskGroup(of: Void.self) { group in
      // They come in any order; what counts is the ticket.
      for index in [7, 3, 19, 0, 12, 5, 1, 18, 2, 4, 6, 8, 9, 10, 11, 13, 14, 15, 16, 17] {
        group.addTask {
          let permit = try await lane.acquire(tokens: 0, ticket: tickets[index])
          order.change { $0.append(index) }
          lane.release(permit, SendReport(effect: .answered))
        }
      }
      await Self.settle()
      lane.release(holder, SendReport(effect: .answered))
      try await group.waitForAll()
    }
    let seen = order.value
    #expect(seen.count == 20)
    // Whoever stood in the queue when the place came free went by ticket.
    #expect(seen == seen.sorted())
  }

  @Test("a cancelled task leaves the queue, and no place is lost")
  func cancels() async throws {
    let lane = Self.lane(CallLimits(concurrency: 2))
    for _ in 0..<200 {
      let first = try await lane.acquire(tokens: 0, ticket: lane.ticket())
      let second = try await lane.acquire(tokens: 0, ticket: lane.ticket())
      let tasks = (0..<4).map { _ in
        Task {
          let permit = try await lane.acquire(tokens: 0, ticket: lane.ticket())
          lane.release(permit, .unused)
        }
      }
      await Task.yield()
      for task in tasks.prefix(3) { task.cancel() }
      lane.release(first, .unused)
      lane.release(second, .unused)
      for task in tasks { _ = await task.result }
    }
    // Both places are there still.
    let one = try await lane.acquire(tokens: 0, ticket: lane.ticket())
    let other = try await lane.acquire(tokens: 0, ticket: lane.ticket())
    lane.release(one, .unused)
    lane.release(other, .unused)
  }

  @Test("a wait that the service asked for holds up everybody, and is slept once")
  func waitsTogether() async throws {
    let clock = FakeClock()
    let lane = Self.lane(CallLimits(concurrency: 4), clock)
    let refused = try await lane.acquire(tokens: 0, ticket: lane.ticket())
    lane.release(refused, SendReport(effect: .tooMany, wait: 3_000_000_000))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<10 {
        group.addTask {
          let permit = try await lane.acquire(tokens: 0, ticket: lane.ticket())
          lane.release(permit, SendReport(effect: .answered))
        }
      }
      try await group.waitForAll()
    }
    #expect(clock.sleeps == [.seconds(3)])
  }

  @Test("a lane that fails lets nobody wait")
  func fails() async throws {
    struct Stop: Error {}
    let lane = Self.lane(CallLimits(concurrency: 1))
    let holder = try await lane.acquire(tokens: 0, ticket: lane.ticket())
    let tasks = (0..<5).map { _ in
      Task { _ = try await lane.acquire(tokens: 0, ticket: lane.ticket()) }
    }
    await Self.settle()
    lane.fail(Stop())
    for task in tasks { await #expect(throws: Stop.self) { try await task.value } }
    lane.release(holder, SendReport(effect: .answered))
    await #expect(throws: Stop.self) {
      try await lane.acquire(tokens: 0, ticket: lane.ticket())
    }
  }
}
