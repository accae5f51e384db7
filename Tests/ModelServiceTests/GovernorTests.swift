import ModelService
import Primitives
import Store
import Testing

/// The rules of the governor, one by one.
@Suite("How hard a model is used")
struct GovernorTests {
  private static let second: Int64 = 1_000_000_000

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
