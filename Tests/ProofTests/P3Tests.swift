import Foundation
import Primitives
import Synchronization
import TestSupport
import Testing

/// P3: no blind resends, and waiting is not stopping.
@Suite("P3", .serialized)
struct P3Tests {
  @Test("scripted sequences of faults come to what a model of the policy says")
  func sequences() throws {
    var proof = Proof("P3 sequences")
    let count = Proof.count(full: 1000, short: 60)
    let sequences = (0..<count).map { _ in Self.sequence(&proof.random) }
    let broken = Trials.run(count, atOnce: 8) { [seed = proof.seed] index, findings in
      let sequence = sequences[index]
      let place = "seed \(seed), \(sequence.map(\.fault))"
      let calls = sequence.enumerated().map { ("\($0.offset + 1)", JSON.string($0.element.fault)) }
      let server = try TollServer(faults: ["calls": .object(JSONObject(calls))])
      let project = try Project(rows: 1)
      try project.write(server.url)
      let run = try project.run(seconds: 120)
      let view = try Witness().view(cache: project.cache())
      let found = PolicyModel.End(
        sent: try server.entries().chat.count,
        status: run.status,
        outcomes: view.outcomes,
        inDoubt: view.claimed.count
      )
      let expected = PolicyModel.end(sequence.map(\.kind))
      findings.hold(found == expected, "\(place): \(found), the model says \(expected)")
      findings.hold(
        try project.inDoubt() == view.claimed,
        "\(place): the tool's list of calls in doubt"
      )
    }
    for finding in broken { Issue.record("\(finding)") }
    proof.count("sequences", count)
    proof.count("broken", broken.count)
    try proof.report()
  }

  /// Up to four faults, which waits grow with; now and then refusals to the end.
  private static func sequence(
    _ random: inout SeededGenerator
  ) -> [(kind: PolicyModel.Class, fault: String)] {
    let isEndless = random.below(40) == 0
    return (0..<(isEndless ? 7 : random.below(5))).map { _ in
      let kind =
        isEndless
        ? .refused : PolicyModel.Class.allCases[random.below(PolicyModel.Class.allCases.count)]
      return (kind, kind.faults[random.below(kind.faults.count)])
    }
  }

  @Test("Retry-After is a floor, in every form; what is no wait is passed over")
  func retryAfter() throws {
    // Milliseconds to wait at least; nil where the run pauses. What stands as `ahead` is a date so
    // many seconds from when the run starts.
    let ahead = "date:"
    let forms: [(header: String, value: String, floor: Int64?)] = [
      ("retry-after", "2", 2000), ("retry-after-ms", "700", 700), ("retry-after", "1.5", 1500),
      ("retry-after", "\(ahead)3", 0), ("retry-after", "\(ahead)-3600", 0),
      ("retry-after", "-5", 0), ("retry-after", "NaN", 0), ("retry-after", "soon", 0),
      ("retry-after", "", 0), ("retry-after", "0", 0), ("retry-after", "1e300", nil),
      ("retry-after", "99999999999999999999", nil), ("retry-after", "10800", nil),
      ("retry-after", "\(ahead)7200", nil), ("retry-after-ms", "36000000", nil),
    ]
    let broken = Trials.run(forms.count, atOnce: 5) { index, findings in
      let form = forms[index]
      let seconds = Double(form.value.dropFirst(ahead.count))
      let isDate = form.value.hasPrefix(ahead)
      // A date has whole seconds.
      let moment = isDate ? (Date().timeIntervalSince1970 + (seconds ?? 0)).rounded(.down) : 0
      let value = isDate ? Self.date(moment) : form.value
      let fault: JSON = [
        "fault": "status", "status": 429, "message": "slow down",
        "headers": .object(JSONObject([(form.header, .string(value))])),
      ]
      let server = try TollServer(faults: ["calls": ["1": fault]])
      let project = try Project(rows: 1)
      try project.write(server.url)
      let run = try project.run()
      let entries = try server.entries().chat
      let place = "\(form.header): \(value)"
      guard let floor = form.floor else {
        findings.hold(run.status == 4, "\(place): exit \(run.status): \(run.error)")
        findings.hold(entries.count == 1, "\(place): \(entries.count) requests")
        return
      }
      findings.hold(run.status == 0, "\(place): exit \(run.status): \(run.error)")
      findings.hold(entries.count == 2, "\(place): \(entries.count) requests")
      guard entries.count == 2 else { return }
      let waited = entries[1].arrivedAt - entries[0].arrivedAt
      findings.hold(waited >= floor, "\(place): waited \(waited) ms")
      let arrived = Double(entries[1].arrivedAt) / 1000
      findings.hold(arrived >= moment, "\(place): came \(moment - arrived) s too early")
    }
    for finding in broken { Issue.record("\(finding)") }
  }

  /// A date of HTTP, from seconds since 1970.
  private static func date(_ seconds: Double) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: Date(timeIntervalSince1970: seconds))
  }

  @Test("clients that are all told one moment do not come back in the same 100 ms")
  func jitter() throws {
    var proof = Proof("P3 jitter")
    let clients = Proof.size(full: 200, short: 20)
    // Time enough for all to start, to be told, and to wait.
    let moment = Date(timeIntervalSinceNow: Proof.isFull ? 60 : 12)
    let header = Self.date(moment.timeIntervalSince1970)
    let arrivals = Mutex<[Double]>([])
    let server = try ScriptedServer { _ in
      let late = -moment.timeIntervalSinceNow
      guard late > 0 else { return .answer(429, "{}", headers: ["Retry-After": header]) }
      arrivals.withLock { $0.append(late) }
      return .answer(200, Self.body)
    }
    defer { server.stop() }
    let project = try Project(rows: 1)
    try project.write("\(server.url)/v1")
    let runs = try (0..<clients).map { try project.start(cache: "cache-\($0)") }
    for run in runs {
      let result = try run.result()
      #expect(result.status == 0, "\(result.error)")
    }
    let times = arrivals.withLock { $0.sorted() }
    #expect(times.count == clients)
    let crowd = times.indices.map { first in
      times[first...].prefix { $0 - times[first] < 0.1 }.count
    }
    proof.count("clients", clients)
    proof.most("most in 100 ms", crowd.max() ?? 0)
    #expect((crowd.max() ?? 0) < clients / 2, "\(times)")
    try proof.report()
  }

  private static let body = """
    {"id":"1","object":"chat.completion","created":1,"model":"toll","choices":[{"index":0,"message":\
    {"role":"assistant","content":"The answer is 7."},"finish_reason":"stop"}],\
    "usage":{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9}}
    """
}
