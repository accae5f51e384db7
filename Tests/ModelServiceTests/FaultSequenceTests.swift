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
    case none, tooMany, failing, overloaded, tooSlow, mayRetry, mayNotRetry
    case badGateway, reset, closed, notJSON, cut, doNotResend

    enum Kind { case answer, tooMany, refusal, hopeless, doubt, lastDoubt }

    var kind: Kind {
      switch self {
      case .none: .answer
      case .tooMany: .tooMany
      case .failing, .overloaded, .tooSlow, .mayRetry: .refusal
      case .mayNotRetry: .hopeless
      case .badGateway, .reset, .closed, .notJSON, .cut: .doubt
      case .doNotResend: .lastDoubt
      }
    }

    func steps(_ text: String) -> [ScriptedServer.Step] {
      switch self {
      case .none: .answer(200, Chat.body(text))
      case .tooMany: .answer(429, Chat.error("slow down"), headers: ["Retry-After": "1"])
      case .failing: .answer(500, Chat.error("oops"))
      case .overloaded: .answer(503, "<html>", headers: ["retry-after-ms": "20"])
      case .tooSlow: .answer(408, Chat.error("too slow"))
      case .mayRetry: .answer(400, Chat.error("a bad moment"), headers: ["x-should-retry": "true"])
      case .mayNotRetry: .answer(500, Chat.error("oops"), headers: ["x-should-retry": "false"])
      case .badGateway: .answer(502, "<html>")
      case .reset: [.reset]
      case .closed: [.close]
      case .notJSON: .answer(200, "<html>")
      case .cut: .cutAnswer(#"{"choices":"#, missing: 3)
      case .doNotResend: .answer(504, "<html>", headers: ["x-should-retry": "false"])
      }
    }
  }

  enum End: Equatable {
    case made, unanswered, inDoubt, skipped
  }

  /// What the policy makes of a call's faults: how often it is sent, and how it ends.
  static func expected(_ faults: [Fault], _ policy: CallPolicy) -> (sendings: Int, end: End) {
    let resends = policy.inDoubt == .once || policy.inDoubt == .resend ? 1 : 0
    let given: End = policy.inDoubt == .skip ? .skipped : .inDoubt
    var refusals = 0
    var doubts = 0
    for (index, fault) in faults.enumerated() {
      switch fault.kind {
      case .answer: return (index + 1, .made)
      case .tooMany: break
      case .hopeless: return (index + 1, .unanswered)
      case .lastDoubt: return (index + 1, given)
      case .refusal:
        refusals += 1
        if refusals == policy.attempts { return (index + 1, .unanswered) }
      case .doubt:
        doubts += 1
        if doubts > resends { return (index + 1, given) }
      }
    }
    return (faults.count + 1, .made)
  }

  /// How many times a call was sent, and under which idempotency keys.
  private final class Sendings: Sendable {
    private let keys = Mutex<[Int: [String?]]>([:])

    /// Counts one more; how many came before.
    func add(_ call: Int, _ key: String?) -> Int {
      keys.withLock { keys in
        keys[call, default: []].append(key)
        return keys[call, default: []].count - 1
      }
    }

    var all: [Int: [String?]] { keys.withLock { $0 } }
  }

  @Test(
    "every call is sent as often as the policy says, and ends as it says: 1,000 sequences",
    arguments: zip([1, 2, 3, 4] as [UInt64], InDoubtPolicy.allCases)
  )
  func followsPolicy(seed: UInt64, inDoubt: InDoubtPolicy) async throws {
    let policy = CallPolicy(attempts: Int(seed) + 1, inDoubt: inDoubt)
    var generator = SeededGenerator(seed: seed)
    let faults: [[Fault]] = (0..<250).map { _ in
      (0..<generator.below(6)).map { _ in Fault.allCases[generator.below(Fault.allCases.count)] }
    }
    let sendings = Sendings()
    let fixture = try await Fixture { request in
      let number = Int(Chat.prompt(request)) ?? -1
      let attempt = sendings.add(number, request.header("idempotency-key"))
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
      let comment: Comment = "seed \(seed), \(inDoubt), call \(number): \(faults[number])"
      #expect(ends[number] == end, comment)
      let keys = sendings.all[number] ?? []
      #expect(keys.count == count, comment)
      // All sendings of a call until its answer carry one key.
      #expect(Set(keys).count == 1, comment)
      #expect(keys.first??.utf8.count == 32, comment)
    }
    #expect(Set(sendings.all.values.compactMap { $0.first ?? nil }).count == faults.count)
    #expect(fixture.server.received.count == expected.reduce(0) { $0 + $1.sendings })
    #expect(try await service.inDoubt().count == expected.count { $0.end == .inDoubt })
    #expect(service.counts.made == expected.count { $0.end == .made })
    #expect(service.counts.skipped == expected.count { $0.end == .skipped })
    #expect(service.counts.attempts == fixture.server.received.count)
  }

  private static func end(
    of number: Int,
    _ service: CallService,
    _ endpoint: ModelEndpoint
  ) async -> End? {
    do {
      let result = try await service.answer(.asking("\(number)"), from: endpoint)
      if result.answer.state == .skipped { return .skipped }
      return result.answer.text == "answer \(number)" ? .made : nil
    } catch CallError.unanswered {
      return .unanswered
    } catch CallError.inDoubt {
      return .inDoubt
    } catch {
      return nil
    }
  }
}
