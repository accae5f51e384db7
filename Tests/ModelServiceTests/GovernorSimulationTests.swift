import ModelService
import Primitives
import Store
import Testing

/// The governor against simulated services and a simulated clock.
@Suite("How hard a model is used, by and by")
struct GovernorSimulationTests {
  private static let second: Int64 = 1_000_000_000

  /// Calls that take a while, at a service that refuses what is beyond its places.
  @Test("finds the places that a service has, and uses them", arguments: [4, 10, 25, 60])
  func findsCapacity(capacity: Int) {
    var desk = Desk(CallLimits(concurrency: 64))
    let step: Int64 = 10_000_000
    let calls = 50  // steps that a call takes
    var flights: [(permit: Governor.Permit, ends: Int, isRefused: Bool)] = []
    var answered = 0
    var refused = 0
    let steps = 24_000
    for moment in 0..<steps {
      let now = Int64(moment) * step
      for flight in flights where flight.ends == moment {
        let effect: SendReport.Effect = flight.isRefused ? .tooMany : .answered
        desk.settle(flight.permit, SendReport(effect: effect), at: now)
        if flight.isRefused { refused += 1 } else { answered += 1 }
      }
      flights.removeAll { $0.ends == moment }
      while let permit = desk.admit(at: now) {
        let isRefused = flights.count { !$0.isRefused } >= capacity
        // A refused call rests for half a second, and keeps no place.
        flights.append((permit, moment + (isRefused ? 1 : calls), isRefused))
        if isRefused { break }
      }
    }
    let possible = capacity * (steps / calls)
    #expect(Double(answered) > 0.75 * Double(possible), "\(answered) of \(possible)")
    #expect(desk.sheet.concurrency < Double(capacity) * 1.6 + 2)
  }

  @Test(
    "as many requests a minute as allowed, and in no minute more",
    arguments: [1, 7, 60, 120, 1000, 6000, 60_000]
  )
  func keepsRequestsPerMinute(limit: Int) {
    var desk = Desk(CallLimits(concurrency: 1, requestsPerMinute: limit))
    var now: Int64 = 0
    var sent: [Int64] = []
    while now < 300 * Self.second {
      guard let permit = desk.admit(at: now) else {
        Issue.record("there is a place")
        return
      }
      now = max(now, permit.readyAt)
      sent.append(now)
      desk.settle(permit, SendReport(effect: .answered), at: now)
    }
    var first = 0
    for (index, moment) in sent.enumerated() {
      while sent[first] <= moment - 60 * Self.second { first += 1 }
      #expect(index - first + 1 <= limit)
    }
    #expect(Double(sent.count) >= 0.99 * 5 * Double(limit))
  }

  @Test("tokens are taken for the worst case and corrected by what was used")
  func keepsTokensPerMinute() {
    var generator = SeededGenerator(seed: 3)
    var desk = Desk(CallLimits(concurrency: 1000, tokensPerMinute: 200_000))
    var flights: [(permit: Governor.Permit, ends: Int64, used: Int)] = []
    var used: [(Int64, Int)] = []
    var now: Int64 = 0
    var waiting: Governor.Permit?
    while now < 600 * Self.second {
      now += 10_000_000
      for flight in flights where flight.ends <= now {
        desk.settle(flight.permit, SendReport(effect: .answered, tokens: flight.used), at: now)
        used.append((now, flight.used))
      }
      flights.removeAll { $0.ends <= now }
      while true {
        guard let permit = waiting ?? desk.admit(4000, at: now) else { break }
        waiting = permit
        guard desk.governor.isPaid(permit, &desk.sheet, now: now) else { break }
        waiting = nil
        flights.append(
          (permit, now + Int64(1 + generator.below(4)) * Self.second, 100 + generator.below(900))
        )
      }
    }
    for start in stride(from: Int64(0), to: 540, by: 7) {
      let window = used.filter { $0.0 > start * Self.second && $0.0 <= (start + 60) * Self.second }
      #expect(window.reduce(0) { $0 + $1.1 } <= 300_000)
    }
    let total = used.reduce(0) { $0 + $1.1 }
    #expect(total > 1_800_000, "\(total) of 2,000,000")
  }

  /// A service with a bucket, that says in its headers how full it is.
  private struct Service {
    let limit: Double
    let isWindow: Bool
    var level: Double
    var filledAt: Int64 = 0

    mutating func take(at now: Int64) -> (isRefused: Bool, headers: RateHeaders) {
      if isWindow {
        if now / (60 * second) > filledAt / (60 * second) { level = limit }
      } else {
        level = min(limit, level + Double(now - filledAt) / Double(second) * limit / 60)
      }
      filledAt = now
      let isRefused = level < 1
      if !isRefused { level -= 1 }
      let reset: RateHeaders.Reset =
        isWindow
        ? .window(Double(60 * second - now % (60 * second)) / Double(second))
        : .steady((limit - level) / limit * 60)
      return (
        isRefused,
        RateHeaders(
          requests: .init(limit: limit, remaining: level.rounded(.down), reset: reset)
        )
      )
    }
  }

  @Test("learns a limit from the headers: few refusals, full use", arguments: [true, false])
  func learnsFromHeaders(isWindow: Bool) {
    var desk = Desk(CallLimits(concurrency: 64))
    var service = Service(limit: 600, isWindow: isWindow, level: 600)
    var flights: [(permit: Governor.Permit, ends: Int64, isRefused: Bool, headers: RateHeaders)] =
      []
    var answered = 0
    var refused = 0
    var waiting: Governor.Permit?
    var now: Int64 = 0
    while now < 600 * Self.second {
      now += 5_000_000
      for flight in flights where flight.ends <= now {
        let effect: SendReport.Effect = flight.isRefused ? .tooMany : .answered
        desk.settle(flight.permit, SendReport(effect: effect, headers: flight.headers), at: now)
        if flight.isRefused { refused += 1 } else { answered += 1 }
      }
      flights.removeAll { $0.ends <= now }
      while true {
        guard let permit = waiting ?? desk.admit(at: now) else { break }
        waiting = permit
        guard desk.governor.isPaid(permit, &desk.sheet, now: now) else { break }
        waiting = nil
        let (isRefused, headers) = service.take(at: now)
        flights.append((permit, now + Self.second, isRefused, headers))
      }
    }
    // The bucket was full at the start: 600 at once, then 600 a minute.
    #expect(answered > 5000, "\(answered) answered, \(refused) refused")
    #expect(refused < answered / 20, "\(answered) answered, \(refused) refused")
  }
}
