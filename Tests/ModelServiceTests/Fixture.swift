import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Transfer

/// A store of its own, a scripted server, and a clock that waits for nothing.
final class Fixture: Sendable {
  let folder: TemporaryFolder
  let store: Store
  let server: ScriptedServer
  let clock = FakeClock()
  let transfer = TransferClient()

  init(_ script: @escaping ScriptedServer.Script) async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    server = try ScriptedServer(script: script)
  }

  deinit { server.stop() }

  /// A service on the fixture's store, as a new process would make it.
  func service(
    _ policy: CallPolicy = CallPolicy(),
    runID: String? = "run",
    on store: Store? = nil,
    account: String? = nil,
    budgets: [Budget] = [],
    rates: RateBook? = nil
  ) -> CallService {
    CallService(
      ledger: (store ?? self.store).ledger,
      runID: runID,
      account: account,
      budgets: budgets,
      rates: rates,
      transfer: transfer,
      policy: policy,
      time: clock.timekeeper
    )
  }

  func endpoint(
    model: String = "m",
    apiKey: APIKeySource? = nil,
    limits: CallLimits = CallLimits(),
    pricing: Pricing? = nil,
    transfer: TransferLimits = TransferLimits()
  ) throws -> ModelEndpoint {
    let address = try ServiceAddress(baseURL: "\(server.url)/v1")
    return try ModelEndpoint(
      address: address,
      model: model,
      // Not the address: its port differs each time.
      identity: .named("test-\(model)", revision: nil),
      apiKey: apiKey,
      limits: limits,
      pricing: pricing,
      transfer: transfer
    )
  }

  /// Everything below the store's folder, as text.
  func storedText() throws -> String {
    try FolderText.read("\(folder.path)/cache")
  }
}

/// Time that passes only by being slept through.
final class FakeClock: Sendable {
  private struct State {
    var now: Duration = .zero
    var sleeps: [Duration] = []
  }

  private let state = Mutex(State())

  /// 2026-11-21 00:00:00 UTC.
  static let start: Int64 = 1_795_219_200

  var sleeps: [Duration] { state.withLock { $0.sleeps } }
  var now: Duration { state.withLock { $0.now } }

  var timekeeper: Timekeeper {
    Timekeeper(
      now: { self.state.withLock { $0.now } },
      wallClock: { Self.start + self.state.withLock { $0.now.components.seconds } },
      sleep: { duration in
        try Task.checkCancellation()
        self.state.withLock { state in
          state.now += duration
          state.sleeps.append(duration)
        }
        await Task.yield()
      },
      jitter: { 0 }
    )
  }
}

extension LogicalRequest {
  static func asking(_ text: String, decoding: DecodingParameters = .init()) -> LogicalRequest {
    LogicalRequest(messages: [PromptMessage(role: "user", content: text)], decoding: decoding)
  }
}

extension [ScriptedServer.Step] {
  /// An answer of bytes that need not be a text.
  static func bytes(_ body: [UInt8]) -> [ScriptedServer.Step] {
    let head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
    return [.send([UInt8](head.utf8) + body)]
  }
}

/// Bodies of chat completions.
enum Chat {
  static let usage: JSON = ["prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12]

  static func body(
    _ text: String? = nil,
    content: JSON? = nil,
    finish: String? = "stop",
    message: JSONObject = JSONObject(),
    usage: JSON? = Chat.usage,
    model: String = "served-1"
  ) -> String {
    var members = message
    members["role"] = "assistant"
    members["content"] = content ?? JSON(text)
    var body = JSONObject([
      ("id", "x"), ("model", .string(model)),
      (
        "choices",
        [["index": 0, "message": .object(members), "finish_reason": JSON(finish)]]
      ),
    ])
    body["usage"] = usage
    return JSON.object(body).compactText
  }

  /// A body whose text holds these bytes as they are.
  static func bytes(_ text: [UInt8]) -> [UInt8] {
    let body = Array(body("MARK").utf8)
    guard let mark = body.firstRange(of: Array("MARK".utf8)) else { return [] }
    return body[..<mark.lowerBound] + text + body[mark.upperBound...]
  }

  /// Answers with the request's last message.
  static func echo(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    .answer(200, body(prompt(request)))
  }

  static func prompt(_ request: ScriptedServer.Received) -> String {
    let json = try? JSON(parsing: request.body)
    return json?["messages"]?.array?.last?["content"]?.string ?? "?"
  }

  static func error(_ message: String, type: String = "server_error", code: String? = nil) -> String
  {
    let error: JSON = [
      "message": .string(message), "type": .string(type), "param": nil, "code": JSON(code),
    ]
    return (["error": error] as JSON).compactText
  }
}
