import ModelService
import Primitives
import Store
import Synchronization
import Testing
import TestSupport

/// Random faults, call by call, against a model of the policy in a few lines.
@Suite("Sequences of faults")
struct FaultSequenceTests {
  enum Fault: CaseIterable {
    case none, tooMany, failing, badGateway, reset, closed, notJSON, cut

    /// Whether the server may have acted.
    var isDoubt: Bool { self != .none && self != .tooMany && self != .failing }

    func steps(_ text: String) -> [ScriptedServer.Step] {
      switch self {
      case .none: .answer(200, Chat.body(text))
      case .tooMany: .answer(429, Chat.error("slow down"), headers: ["Retry-After": "1"])
      case .failing: .answer(500, Chat.error("oops"))
      case .badGateway: .answer(502, "<html>")
      case .reset: [.reset]
      case .closed: [.close]
      case .notJSON: .answer(200, "<html>")
      case .cut: .cutAnswer(#"{"choices":"#, missing: 3)
      }
    }
  }

  enum End: Equatable {
    case made, unanswered, inDoubt
  }

  /// What the policy makes of a call's faults: how often it is sent, and how it ends.
  static func expected(_ faults: [Fault], _ policy: CallPolicy) -> (sendings: Int, end: End) {
    var refusals = 0
    var doubts = 0
    for (index, fault) in faults.enumerated() {
      if fault == .none { return (index + 1, .made) }
      if fault.isDoubt { doubts += 1 } else { refusals += 1 }
      if doubts > policy.resends { return (index + 1, .inDoubt) }
      if refusals == policy.attempts { return (index + 1, .unanswered) }
    }
    return (faults.count + 1, .made)
  }

  /// How many times a call was sent.
  private final class Sendings: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    /// Counts one more; how many came before.
    func add(_ call: Int) -> Int {
      counts.withLock { counts in
        defer { counts[call, default: 0] += 1 }
        return counts[call, default: 0]
      }
    }

    var all: [Int: Int] { counts.withLock { $0 } }
  }

  @Test(
    "every call is sent as often as the policy says, and ends as it says",
    arguments: [
      (UInt64(1), CallPolicy(attempts: 3, resends: 1)),
      (UInt64(2), CallPolicy(attempts: 5, resends: 0)),
      (UInt64(3), CallPolicy(attempts: 2, resends: 3)),
    ]
  )
  func followsPolicy(seed: UInt64, policy: CallPolicy) async throws {
    var generator = SeededGenerator(seed: seed)
    let faults: [[Fault]] = (0..<200).map { _ in
      (0..<generator.below(6)).map { _ in Fault.allCases[generator.below(Fault.allCases.count)] }
    }
    let sendings = Sendings()
    let fixture = try await Fixture { request in
      let number = Int(Chat.prompt(request)) ?? -1
      let attempt = sendings.add(number)
      let fault = attempt < faults[number].count ? faults[number][attempt] : .none
      return fault.steps("answer \(number)")
    }
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 32))
    let service = fixture.service(policy)
    let ends = await withTaskGroup(of: (Int, End?).self) { group in
      for number in faults.indices {
        group.addTask { (number, await Self.end(of: number, service, endpoint)) }
      }
      return await group.reduce(into: [Int: End]()) { $0[$1.0] = $1.1 }
    }

    let expected = faults.map { Self.expected($0, policy) }
    for (number, (count, end)) in expected.enumerated() {
      #expect(ends[number] == end, "seed \(seed), call \(number): \(faults[number])")
      #expect(sendings.all[number] == count, "seed \(seed), call \(number): \(faults[number])")
    }
    #expect(fixture.server.received.count == expected.reduce(0) { $0 + $1.sendings })
    #expect(try await service.inDoubt().count == expected.count { $0.end == .inDoubt })
    #expect(service.counts.made == expected.count { $0.end == .made })
    #expect(service.counts.attempts == fixture.server.received.count)
  }

  private static func end(
    of number: Int,
    _ service: CallService,
    _ endpoint: ModelEndpoint
  ) async -> End? {
    do {
      let result = try await service.answer(.asking("\(number)"), from: endpoint)
      return result.answer.text == "answer \(number)" ? .made : nil
    } catch CallError.unanswered {
      return .unanswered
    } catch CallError.inDoubt {
      return .inDoubt
    } catch {
      return nil
    }
  }

  @Test("clients that fail together come back apart, and none before it was asked to")
  func spreadsWaits() async throws {
    let sendings = Sendings()
    let fixture = try await Fixture { request in
      let isFirst = sendings.add(Int(Chat.prompt(request)) ?? -1) == 0
      return isFirst ? Fault.tooMany.steps("") : Fault.none.steps("x")
    }
    let endpoint = try fixture.endpoint()
    for client in 0..<50 {
      var time = fixture.clock.timekeeper
      time.jitter = { Double(client) / 50 }
      let service = CallService(
        ledger: fixture.store.ledger,
        runID: "run",
        transfer: fixture.transfer,
        time: time
      )
      _ = try await service.answer(.asking("\(client)"), from: endpoint)
    }
    let waits = fixture.clock.sleeps
    #expect(waits.count == 50)
    #expect(Set(waits).count == 50)
    #expect(waits.allSatisfy { $0 >= .seconds(1) && $0 <= .milliseconds(1250) })
  }
}
