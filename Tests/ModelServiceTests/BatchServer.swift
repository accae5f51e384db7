import Primitives
import Synchronization
import TestSupport

/// The batch side of a provider: answers each line with its prompt, unless a test says otherwise.
///
/// It charges for every line that it answers, as a provider does.
final class BatchServer: Sendable {
  struct Line: Sendable {
    let id: String
    let json: JSON

    /// The request's last message.
    var prompt: String { json["body"]?["messages"]?.array?.last?["content"]?.string ?? "?" }

    /// A line of the output file: an answer of the status.
    func answered(_ status: Int = 200, _ body: String? = nil) -> String {
      let body = body ?? Chat.body(prompt)
      return
        #"{"id":"r","custom_id":"\#(id)","response":{"status_code":\#(status),"request_id":"q","body":\#(body)},"error":null}"#
    }

    /// A line of the error file: the service did not work on it.
    func withheld(_ code: String) -> String {
      #"{"id":"r","custom_id":"\#(id)","response":null,"error":{"code":"\#(code)","message":"not done"}}"#
    }
  }

  struct Batch: Sendable {
    let id: String
    let request: JSON
    let lines: [Line]
    var polls = 0
    var isCancelled = false
  }

  /// What a batch has come to.
  struct End: Sendable {
    var status = "completed"
    /// Lines of the output file; nil if there is none.
    var output: [String]?
    var errors: [String]?
    var more = JSONObject()
  }

  enum Creation: Sendable {
    case answered
    /// It exists, and the connection ends before the answer.
    case answerLost
    /// It does not exist, and this is the answer.
    case refused([ScriptedServer.Step])
  }

  private struct State {
    var files: [(name: String, content: String)] = []
    var batches: [Batch] = []
    var creations = 0
  }

  private let state = Mutex(State())
  /// What the n-th poll of a batch finds, from 1: a status, or nil for its end.
  let status: @Sendable (Int) -> String?
  let creation: @Sendable (Int) -> Creation
  let upload: @Sendable (Int) -> Creation
  /// What the batch comes to.
  let end: @Sendable (Batch) -> End
  /// What a download of a file is answered with instead of its bytes.
  let download: @Sendable (String) -> [ScriptedServer.Step]?
  /// Called at each moment; what it gives is done instead of what would be.
  let hook: KillPoint.Hook

  init(
    status: @escaping @Sendable (Int) -> String? = { _ in nil },
    creation: @escaping @Sendable (Int) -> Creation = { _ in .answered },
    upload: @escaping @Sendable (Int) -> Creation = { _ in .answered },
    download: @escaping @Sendable (String) -> [ScriptedServer.Step]? = { _ in nil },
    hook: @escaping KillPoint.Hook = { _ in nil },
    end: @escaping @Sendable (Batch) -> End = { End(output: $0.lines.map { $0.answered() }) }
  ) {
    self.status = status
    self.creation = creation
    self.upload = upload
    self.download = download
    self.hook = hook
    self.end = end
  }

  var batches: [Batch] { state.withLock { $0.batches } }
  /// What was uploaded, in order.
  var files: [(name: String, content: String)] { state.withLock { $0.files } }
  /// How often each prompt was put into a batch that exists.
  var promptCounts: [String: Int] {
    batches.flatMap(\.lines).reduce(into: [:]) { $0[$1.prompt, default: 0] += 1 }
  }

  @Sendable
  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let path = request.target.split(separator: "?").first.map(String.init) ?? ""
    let parts = path.split(separator: "/").dropFirst().map(String.init)
    switch (request.method, parts.first, parts.count) {
    case ("POST", "files", 1): return keep(request)
    case ("GET", "files", 1): return .answer(200, list(files: files.map(\.name)))
    case ("GET", "files", 3): return content(of: parts[1])
    case ("POST", "batches", 1): return create(request)
    case ("POST", "batches", 3): return cancel(parts[1])
    case ("GET", "batches", 1): return .answer(200, list())
    case ("GET", "batches", 2): return find(parts[1])
    default: return .answer(405)
    }
  }

  private func keep(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let number = state.withLock { $0.files.count + 1 }
    let outcome = upload(number)
    if case .refused(let steps) = outcome { return steps }
    if let steps = hook(.upload) { return steps }
    let name = request.text.firstMatch(of: /filename="([^"]*)"/)?.output.1 ?? ""
    let parts = request.text.split(separator: "\r\n\r\n", omittingEmptySubsequences: false)
    let content = parts.last?.split(separator: "\r\n--").first ?? ""
    state.withLock { $0.files.append((String(name), String(content))) }
    guard case .answered = outcome else { return [.close] }
    return hook(.uploaded) ?? .answer(200, #"{"id":"file-\#(number)","status":"processed"}"#)
  }

  private func list(files names: [String]) -> String {
    let files: [JSON] = names.enumerated().map { index, name in
      ["id": .string("file-\(index + 1)"), "filename": .string(name), "status": "processed"]
    }
    return (["data": .array(files)] as JSON).compactText
  }

  private func create(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    let body = (try? JSON(parsing: request.body)) ?? .null
    let number = state.withLock { state in
      state.creations += 1
      return state.creations
    }
    let outcome = creation(number)
    if case .refused(let steps) = outcome { return steps }
    if let steps = hook(.creation) { return steps }
    let file = Int(body["input_file_id"]?.string?.dropFirst(5) ?? "") ?? 1
    let batch = state.withLock { state in
      let lines = state.files[file - 1].content.split(separator: "\n").compactMap { text -> Line? in
        guard let json = try? JSON(parsing: Array(text.utf8)) else { return nil }
        return Line(id: json["custom_id"]?.string ?? "?", json: json)
      }
      let batch = Batch(id: "batch-\(state.batches.count + 1)", request: body, lines: lines)
      state.batches.append(batch)
      return batch
    }
    guard case .answered = outcome else { return [.close] }
    return hook(.created) ?? .answer(200, show(batch, "validating").compactText)
  }

  private func list() -> String {
    (["data": .array(batches.map { show($0, "in_progress") }), "has_more": false] as JSON)
      .compactText
  }

  private func show(_ batch: Batch, _ status: String, _ more: JSONObject = JSONObject()) -> JSON {
    var members = JSONObject([
      ("id", .string(batch.id)), ("status", .string(status)),
      ("metadata", batch.request["metadata"] ?? nil),
      ("input_file_id", batch.request["input_file_id"] ?? nil),
      ("request_counts", ["total": JSON(batch.lines.count), "completed": 1, "failed": 0]),
    ])
    for (name, value) in more.members { members[name] = value }
    return .object(members)
  }

  private func cancel(_ id: String) -> [ScriptedServer.Step] {
    state.withLock { state in
      for index in state.batches.indices where state.batches[index].id == id {
        state.batches[index].isCancelled = true
      }
    }
    return find(id)
  }

  private func find(_ id: String) -> [ScriptedServer.Step] {
    let batch = state.withLock { state -> Batch? in
      guard let index = state.batches.firstIndex(where: { $0.id == id }) else { return nil }
      state.batches[index].polls += 1
      return state.batches[index]
    }
    guard let batch else { return .answer(404, Chat.error("no such batch")) }
    if let steps = hook(.poll) { return steps }
    if batch.isCancelled { return .answer(200, show(batch, "cancelling").compactText) }
    if let status = status(batch.polls) { return .answer(200, show(batch, status).compactText) }
    let end = end(batch)
    var more = end.more
    more["output_file_id"] = end.output.map { _ in .string("out-\(id)") } ?? .null
    more["error_file_id"] = end.errors.map { _ in .string("err-\(id)") } ?? .null
    return .answer(200, show(batch, end.status, more).compactText)
  }

  private func content(of file: String) -> [ScriptedServer.Step] {
    if let steps = hook(.download) ?? download(file) { return steps }
    guard let batch = batches.first(where: { file.hasSuffix($0.id) }) else { return .answer(404) }
    let end = end(batch)
    let lines = file.hasPrefix("out-") ? end.output : end.errors
    return .answer(200, (lines ?? []).map { $0 + "\n" }.joined(), type: "application/jsonl")
  }
}
