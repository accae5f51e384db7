import Primitives
import Synchronization
import TestSupport

/// The fine-tuning side of a provider: keeps files and jobs, and lets a test say what each poll
/// finds.
///
/// It speaks OpenAI's paths below `/v1`, and Azure's below `/openai`.
final class JobServer: Sendable {
  struct Job: Sendable {
    let id: String
    let request: JSON
    var polls = 0
    var isCancelled = false
  }

  struct File: Sendable {
    let id: String
    let name: String
    /// The whole form that was uploaded.
    let form: String
  }

  private struct State {
    var files: [File] = []
    var jobs: [Job] = []
    var uploads = 0
    var creations = 0
  }

  private let state = Mutex(State())
  /// Called at each moment; what it gives is done instead of what would be.
  let hook: KillPoint.Hook
  /// What the n-th poll of a job finds, from 1: members of the job, or any other answer.
  let poll: @Sendable (Int) -> Poll
  /// What becomes of the n-th request to create a job, from 1, once it is created.
  let creation: @Sendable (Int) -> Creation
  /// What becomes of the n-th upload, from 1, once the file is kept.
  let upload: @Sendable (Int) -> Creation
  /// Members of the answer to an upload, beside id and name.
  let fileState: JSONObject
  /// Files that jobs made: content by id.
  let results: [String: String]
  /// Whether lists of jobs heed `metadata[…]=…`.
  let filters: Bool
  /// Whether jobs have events.
  let hasEvents: Bool

  enum Poll: Sendable {
    case status(String, JSONObject)
    case answer([ScriptedServer.Step])

    static func succeeded(
      _ model: JSON = "ft:m:1",
      _ more: JSONObject = JSONObject()
    ) -> Poll {
      var members = more
      members["fine_tuned_model"] = model
      members["trained_tokens"] = more["trained_tokens"] ?? 1234
      return .status("succeeded", members)
    }
    static func running() -> Poll { .status("running", JSONObject()) }
  }

  enum Creation: Sendable {
    case answered
    /// It exists, and the connection ends before the answer.
    case answerLost
    /// It does not exist, and this is the answer.
    case refused([ScriptedServer.Step])
  }

  init(
    poll: @escaping @Sendable (Int) -> Poll = { _ in .succeeded() },
    creation: @escaping @Sendable (Int) -> Creation = { _ in .answered },
    upload: @escaping @Sendable (Int) -> Creation = { _ in .answered },
    fileState: JSONObject = JSONObject(),
    results: [String: String] = [:],
    filters: Bool = true,
    hasEvents: Bool = true,
    hook: @escaping KillPoint.Hook = { _ in nil }
  ) {
    self.poll = poll
    self.creation = creation
    self.upload = upload
    self.fileState = fileState
    self.results = results
    self.filters = filters
    self.hasEvents = hasEvents
    self.hook = hook
  }

  var jobs: [Job] { state.withLock { $0.jobs } }
  var files: [File] { state.withLock { $0.files } }

  /// A job that somebody created before.
  func add(tag: String) {
    add(request: ["metadata": ["distill": .string(tag)]])
  }

  func add(request: JSON) {
    state.withLock { state in
      state.jobs.append(Job(id: "ftjob-\(state.jobs.count + 1)", request: request))
    }
  }

  @Sendable
  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let path = request.target.split(separator: "?").first.map(String.init) ?? ""
    let parts = path.split(separator: "/").dropFirst().map(String.init)
    switch (request.method, parts.first, parts.count) {
    case ("POST", "files", 1): return keep(request)
    case ("GET", "files", _): return show(file: Array(parts.dropFirst()))
    case ("POST", "fine_tuning", 2): return create(request)
    case ("GET", "fine_tuning", 2): return list(request.target)
    case ("POST", "fine_tuning", 4) where parts[3] == "cancel": return cancel(parts[2])
    case ("GET", "fine_tuning", 4) where parts[3] == "events":
      guard hasEvents else { return .answer(404, Chat.error("no events")) }
      return .answer(200, Self.page(Self.events, request.target, size: 2))
    case ("GET", "fine_tuning", 4):
      return .answer(200, #"{"data":[{"id":"ckpt-1","step_number":7}],"has_more":false}"#)
    case ("GET", "fine_tuning", 3): return find(parts[2])
    default: return .answer(405)
    }
  }

  // MARK: Files

  private func keep(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let number = state.withLock { state in
      state.uploads += 1
      return state.uploads
    }
    let outcome = upload(number)
    if case .refused(let steps) = outcome { return steps }
    if let steps = hook(.upload) { return steps }
    let file = state.withLock { state in
      let name = request.text.firstMatch(of: /filename="([^"]*)"/)?.output.1 ?? ""
      let id = "file-\(state.files.count + 1)"
      let file = File(id: id, name: String(name), form: request.text)
      state.files.append(file)
      return file
    }
    guard case .answered = outcome else { return [.close] }
    return hook(.uploaded) ?? .answer(200, show(file, fileState).compactText)
  }

  private func show(_ file: File, _ more: JSONObject) -> JSON {
    var members = more
    members["id"] = .string(file.id)
    members["object"] = "file"
    members["filename"] = .string(file.name)
    return .object(members)
  }

  private func show(file parts: [String]) -> [ScriptedServer.Step] {
    guard let id = parts.first else {
      let list: JSON = ["data": .array(files.map { show($0, JSONObject()) })]
      return .answer(200, list.compactText)
    }
    if let content = results[id] {
      if let steps = hook(.download) { return steps }
      return parts.count == 2
        ? .answer(200, content, type: "text/csv")
        : .answer(200, #"{"id":"\#(id)","filename":"\#(id).csv"}"#)
    }
    guard let file = files.first(where: { $0.id == id }) else {
      return .answer(404, Chat.error("no such file"))
    }
    return .answer(200, show(file, JSONObject([("status", "processed")])).compactText)
  }

  // MARK: Jobs

  private func create(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let body = (try? JSON(parsing: request.body)) ?? .null
    let number = state.withLock { state in
      state.creations += 1
      return state.creations
    }
    let outcome = creation(number)
    if case .refused(let steps) = outcome { return steps }
    if let steps = hook(.creation) { return steps }
    let job = state.withLock { state in
      let job = Job(id: "ftjob-\(state.jobs.count + 1)", request: body)
      state.jobs.append(job)
      return job
    }
    guard case .answered = outcome else { return [.close] }
    return hook(.created) ?? .answer(200, show(job).compactText)
  }

  private func list(_ target: String) -> [ScriptedServer.Step] {
    let wanted = target.firstMatch(of: /metadata%5Bdistill%5D=([^&]*)/)?.output.1
    let shown = jobs.filter { job in
      guard filters, let wanted else { return true }
      return job.request["metadata"]?["distill"]?.string == String(wanted)
    }
    // Two to a page.
    return .answer(200, Self.page(shown.map { show($0) }, target, size: 2))
  }

  private func show(
    _ job: Job,
    _ status: String = "queued",
    _ more: JSONObject = JSONObject()
  ) -> JSON {
    var members = JSONObject([
      ("id", .string(job.id)), ("status", .string(status)), ("fine_tuned_model", nil),
      ("created_at", 1_795_219_200), ("metadata", job.request["metadata"] ?? nil),
      ("training_file", job.request["training_file"] ?? nil),
    ])
    for (name, value) in more.members { members[name] = value }
    return .object(members)
  }

  private func cancel(_ id: String) -> [ScriptedServer.Step] {
    let job = state.withLock { state -> Job? in
      guard let index = state.jobs.firstIndex(where: { $0.id == id }) else { return nil }
      state.jobs[index].isCancelled = true
      return state.jobs[index]
    }
    return job.map { .answer(200, show($0, "cancelled").compactText) } ?? .answer(404)
  }

  private func find(_ id: String) -> [ScriptedServer.Step] {
    let job = state.withLock { state -> Job? in
      guard let index = state.jobs.firstIndex(where: { $0.id == id }) else { return nil }
      state.jobs[index].polls += 1
      return state.jobs[index]
    }
    guard let job else { return .answer(404, Chat.error("no such job")) }
    if job.isCancelled { return .answer(200, show(job, "cancelled").compactText) }
    if let steps = hook(.poll) { return steps }
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
    let after = target.split(whereSeparator: { "?&".contains($0) })
      .first { $0.hasPrefix("after=") }?.dropFirst(6)
    let start = after.flatMap { id in all.firstIndex { $0["id"]?.string == String(id) } } ?? -1
    let rest = all.dropFirst(start + 1)
    let page: JSON = [
      "object": "list", "data": .array(Array(rest.prefix(size))),
      "has_more": .bool(rest.count > size),
    ]
    return page.compactText
  }
}
