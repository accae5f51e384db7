import ModelService
import Primitives
import Store
import Testing

/// The governor against simulated services and a simulated clock.
@Suite("How hard a model is used")
struct GovernorTests {
  private static let second: Int64 = 1_000_000_000

  /// One process's view of a sheet.
  private struct Desk {
    let governor: Governor
    var sheet = RateSheet()
    var share = RateShare()

    init(_ limits: CallLimits) { governor = Governor(limits: limits) }

    mutating func admit(_ tokens: Int = 0, at now: Int64) -> Governor.Permit? {
      governor.admit(tokens: tokens, &sheet, &share, RateOthers(), now: now)
    }

    mutating func settle(_ permit: Governor.Permit, _ report: SendReport, at now: Int64) {
      governor.settle(permit, report, &sheet, &share, RateOthers(), now: now)
    }

    /// Takes places until there are none; gives them back with the reports.
    mutating func round(_ effect: SendReport.Effect, at now: Int64) -> Int {
      var permits: [Governor.Permit] = []
      while let permit = admit(at: now) { permits.append(permit) }
      for permit in permits { settle(permit, SendReport(effect: effect), at: now) }
      return permits.count
    }
  }

  @Test("starts with 16, doubles by answers, and stops at the limit")
  func startsSlowly() {
    var desk = Desk(CallLimits(concurrency: 64))
    // Of 16 answers, those count that come while half of the places are in use.
    var rounds: [Int] = []
    for _ in 0..<8 { rounds.append(desk.round(.answered, at: 0)) }
    #expect(rounds.first == 16)
    #expect(rounds == rounds.sorted())
    #expect(rounds[1] >= 20)
    #expect(rounds.last == 64)
    var small = Desk(CallLimits(concurrency: 3))
    #expect(small.round(.answered, at: 0) == 3)
    #expect(small.round(.answered, at: 0) == 3)
  }

  @Test("does not grow while nobody needs the places")
  func growsByUse() {
    var desk = Desk(CallLimits(concurrency: 64))
    for moment in 0..<100 {
      let permit = desk.admit(at: Int64(moment))
      if let permit { desk.settle(permit, SendReport(effect: .answered), at: Int64(moment)) }
    }
    #expect(desk.sheet.concurrency == 16)
  }

  @Test("a burst of complaints counts once; the next counts if it was sent after the cut")
  func cutsOnce() {
    var desk = Desk(CallLimits(concurrency: 100))
    desk.sheet.concurrency = 100
    #expect(desk.round(.tooMany, at: Self.second) == 100)
    #expect(desk.sheet.concurrency == 80)
    // Sent before the cut, and refused long after it.
    var late = Desk(CallLimits(concurrency: 100))
    late.sheet.concurrency = 100
    let sentBefore = (0..<2).compactMap { _ in late.admit(at: Self.second) }
    #expect(sentBefore.count == 2)
    late.settle(sentBefore[0], SendReport(effect: .tooMany), at: 2 * Self.second)
    late.settle(sentBefore[1], SendReport(effect: .tooMany), at: 9 * Self.second)
    #expect(late.sheet.concurrency == 80)
    #expect(desk.sheet.concurrency == 80)
    // Sent after it, but too soon.
    _ = desk.round(.tooMany, at: 2 * Self.second)
    #expect(desk.sheet.concurrency == 80)
    _ = desk.round(.tooMany, at: 4 * Self.second)
    #expect(desk.sheet.concurrency == 64)
    // From then on a round of answers adds one place, not one each.
    let places = desk.round(.answered, at: 5 * Self.second)
    #expect(places == 64)
    #expect(desk.sheet.concurrency > 64.4 && desk.sheet.concurrency <= 65)
  }

  @Test(
    "errors of the server, doubts and broken connections change nothing",
    arguments: [SendReport.Effect.refused, .inDoubt, .unused]
  )
  func ignoresOtherFaults(effect: SendReport.Effect) {
    var desk = Desk(CallLimits(concurrency: 40))
    desk.sheet.concurrency = 30
    for moment in 0..<100 { _ = desk.round(effect, at: Int64(moment) * Self.second) }
    #expect(desk.sheet.concurrency == 30)
    #expect(desk.share.inFlight == 0)
  }

  @Test("never falls below one place")
  func keepsOnePlace() {
    var desk = Desk(CallLimits(concurrency: 8))
    for moment in 1..<60 { _ = desk.round(.tooMany, at: Int64(moment) * 3 * Self.second) }
    #expect(desk.sheet.concurrency == 1)
    #expect(desk.round(.answered, at: 0) == 1)
  }

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

  @Test("a limit of which nothing more is heard holds nobody up for ever")
  func forgetsStaleLimits() throws {
    var desk = Desk(CallLimits(concurrency: 4))
    let admitted = desk.admit(at: 0)
    let first = try #require(admitted)
    let nothingLeft = RateHeaders(
      requests: .init(limit: 100, remaining: 0, reset: .steady(7200))
    )
    desk.settle(first, SendReport(effect: .answered, headers: nothingLeft), at: 0)
    let next = desk.admit(at: 0)
    let second = try #require(next)
    #expect(second.readyAt == 60 * Self.second)
    #expect(!desk.governor.isPaid(second, &desk.sheet, now: 59 * Self.second))
    #expect(desk.governor.isPaid(second, &desk.sheet, now: 60 * Self.second))
  }

  @Test("a process that waits gets its fair share from one that has all")
  func sharesFairly() {
    let governor = Governor(limits: CallLimits(concurrency: 10))
    var sheet = RateSheet()
    sheet.concurrency = 10
    var rich = RateShare()
    rich.inFlight = 10
    var poor = RateShare()
    var gained = 0
    for _ in 0..<40 {
      // The rich one's calls end one after the other, and it always wants more.
      rich.inFlight -= 1
      var waitingPoor = RateOthers()
      waitingPoor.inFlight = Int(poor.inFlight)
      waitingPoor.active = 1
      waitingPoor.leastOfWaiting = Int(poor.inFlight)
      _ = governor.admit(tokens: 0, &sheet, &rich, waitingPoor, now: 0)
      var others = RateOthers()
      others.inFlight = Int(rich.inFlight)
      others.active = 1
      if governor.admit(tokens: 0, &sheet, &poor, others, now: 0) != nil { gained += 1 }
      if poor.inFlight > 5 { break }
    }
    #expect(gained >= 5)
    #expect(Int(rich.inFlight) + Int(poor.inFlight) <= 10)
  }
}
