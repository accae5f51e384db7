import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

/// Clients that were told to wait, or were started, at one moment must not arrive at one moment.
@Suite("Clients spread out")
struct JitterTests {
  /// A clock of its own for each client, whose time passes only by being slept through.
  private static func client(_ number: Int, of count: Int, on fixture: Fixture) -> (
    CallService, FakeClock
  ) {
    let clock = FakeClock()
    var time = clock.timekeeper
    time.jitter = { Double(number) / Double(count) }
    let service = CallService(
      ledger: fixture.store.ledger,
      runID: "run",
      transfer: fixture.transfer,
      time: time
    )
    return (service, clock)
  }

  @Test("200 clients started together: the first calls go out over a quarter of a second")
  func spreadsStarts() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    var delays: [Duration] = []
    for number in 0..<200 {
      let (service, clock) = Self.client(number, of: 200, on: fixture)
      _ = try await service.answer(.asking("\(number)"), from: endpoint)
      delays.append(clock.sleeps.reduce(.zero, +))
      let first = clock.sleeps.count
      _ = try await service.answer(.asking("\(number) again"), from: endpoint)
      #expect(clock.sleeps.count == first)
    }
    #expect(delays.max() ?? .zero < .milliseconds(250))
    expectSpread(delays)
  }

  @Test("200 clients told to wait: none comes before, and they come back apart")
  func spreadsWaits() async throws {
    let seen = Mutex<Set<String>>([])
    let fixture = try await Fixture { request in
      let isFirst = seen.withLock { $0.insert(Chat.prompt(request)).inserted }
      return isFirst
        ? .answer(429, Chat.error("slow down"), headers: ["Retry-After": "2"]) : Chat.echo(request)
    }
    let endpoint = try fixture.endpoint()
    var waits: [Duration] = []
    for number in 0..<200 {
      let (service, clock) = Self.client(number, of: 200, on: fixture)
      _ = try await service.answer(.asking("\(number)"), from: endpoint)
      waits.append(clock.sleeps.reduce(.zero, +))
    }
    #expect(waits.allSatisfy { $0 >= .seconds(2) && $0 <= .milliseconds(2750) })
    expectSpread(waits)
  }

  /// In no 100 ms do more than 100 of 200 arrive.
  private func expectSpread(_ moments: [Duration]) {
    let sorted = moments.sorted()
    for start in sorted {
      #expect(sorted.count { $0 >= start && $0 < start + .milliseconds(100) } <= 100)
    }
  }
}
