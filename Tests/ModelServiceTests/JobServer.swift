import Primitives
import Synchronization
import TestSupport

/// The fine-tuning side of a provider: keeps files and jobs, and lets a test say what each poll
/// finds.
final class JobServer: Sendable {
  struct Job: Sendable {
    let id: String
    let request: JSON
    var polls = 0
  }

  private struct State {
    var files: [String] = []
    var jobs: [Job] = []
  }

  private let state = Mutex(State())
  /// What the n-th poll of a job finds, from 1: members of the job, or any other answer.
  let poll: @Sendable (Int) -> Poll
  /// What becomes of the n-th request to create a job, from 1, once it is created.
  let creation: @Sendable (Int) -> Creation

  enum Poll: Sendable {
    case status(String, JSONObject)
    case answer([ScriptedServer.Step])

    static func succeeded(_ model: JSON = "ft:m:1") -> Poll {
      .status(
        "succeeded",
        JSONObject([("fine_tuned_model", model), ("trained_tokens", 1234)])
      )
    }
    static func running() -> Poll { .status("running", JSONObject()) }
  }

  enum Creation: Sendable {
    case answered
    /// The job exists, and the connection ends before the answer.
    case answerLost
    case refused([ScriptedServer.Step])
  }

  init(
    poll: @escaping @Sendable (Int) -> Poll = { _ in .succeeded() },
    creation: @escaping @Sendable (Int) -> Creation = { _ in .answered }
  ) {
    self.poll = poll
    self.creation = creation
  }

  var jobs: [Job] { state.withLock { $0.jobs } }
  /// Bodies of uploads.
  var files: [String] { state.withLock { $0.files } }

  /// A job that somebody created before.
  func add(tag: String) {
    state.withLock { state in
      let request: JSON = ["metadata": ["distill": .string(tag)]]
      state.jobs.append(Job(id: "ftjob-\(state.jobs.count + 1)", request: request))
    }
  }

  @Sendable
  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let path = request.target.split(separator: "?").first.map(String.init) ?? ""
    switch (request.method, path) {
    case ("POST", "/v1/files"): return .answer(200, upload(request))
    case ("POST", "/v1/fine_tuning/jobs"): return create(request)
    case ("GET", "/v1/fine_tuning/jobs"):
      // Two to a page.
      return .answer(200, Self.page(jobs.map { show($0) }, request.target, size: 2))
    case ("GET", _) where path.hasSuffix("/events"):
      return .answer(200, Self.page(Self.events, request.target, size: 2))
    case ("GET", _): return find(path.split(separator: "/").last.map(String.init) ?? "")
    default: return .answer(405)
    }
  }

  private func upload(_ request: ScriptedServer.Received) -> String {
    state.withLock { state in
      state.files.append(request.text)
      return #"{"id":"file-\#(state.files.count)","object":"file"}"#
    }
  }

  private func create(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let body = (try? JSON(parsing: request.body)) ?? .null
    let (number, job) = state.withLock { state in
      let job = Job(id: "ftjob-\(state.jobs.count + 1)", request: body)
      state.jobs.append(job)
      return (state.jobs.count, job)
    }
    switch creation(number) {
    case .answered: return .answer(200, show(job).compactText)
    case .answerLost: return [.close]
    case .refused(let steps):
      state.withLock { _ = $0.jobs.removeLast() }
      return steps
    }
  }

  private func show(_ job: Job, _ status: String = "queued", _ more: JSONObject = JSONObject())
    -> JSON
  {
    var members = JSONObject([
      ("id", .string(job.id)), ("status", .string(status)), ("fine_tuned_model", nil),
      ("metadata", job.request["metadata"] ?? nil),
    ])
    for (name, value) in more.members { members[name] = value }
    return .object(members)
  }

  private func find(_ id: String) -> [ScriptedServer.Step] {
    let job = state.withLock { state -> Job? in
      guard let index = state.jobs.firstIndex(where: { $0.id == id }) else { return nil }
      state.jobs[index].polls += 1
      return state.jobs[index]
    }
    guard let job else { return .answer(404, Chat.error("no such job")) }
    switch poll(job.polls) {
    case .status(let status, let more):
      return .answer(200, show(job, status, more).compactText)
    case .answer(let steps): return steps
    }
  }

  /// Five events, the newest first.
  private static let events: [JSON] = (1...5).reversed().map { number in
    [
      "id": .string("ev-\(number)"), "level": "info", "message": .string("step \(number)"),
      "type": number == 1 ? "message" : "metrics",
      "data": number == 1 ? .object(JSONObject()) : ["step": JSON(number)],
    ]
  }

  private static func page(_ all: [JSON], _ target: String, size: Int) -> String {
    let after = target.split(separator: "&").first { $0.hasPrefix("after=") }?.dropFirst(6)
    let start = after.flatMap { id in all.firstIndex { $0["id"]?.string == String(id) } } ?? -1
    let rest = all.dropFirst(start + 1)
    let page: JSON = [
      "object": "list", "data": .array(Array(rest.prefix(size))),
      "has_more": .bool(rest.count > size),
    ]
    return page.compactText
  }
}
