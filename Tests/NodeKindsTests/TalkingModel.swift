import Diagnostics
import Execution
import ModelService
import NodeKinds
import Primitives
import Store
import Synchronization
import TestSupport
import Testing
import Workflow

/// A model with a price, behind a server of the test's own: every request that reaches it is paid.
final class TalkingModel {
  /// What the server says to the messages of a request.
  struct Reply: Sendable {
    var text: String
    var finish = "stop"
    var status = 200
  }

  typealias Wit = @Sendable (_ messages: [String]) -> Reply

  let kitchen: Kitchen
  let server: ScriptedServer
  let model: ModelReference
  private let gateway: Gateway
  private let runID: String

  /// The workflow in which nodes stand; its paths and its endpoint lead nowhere.
  static let head = """
    models:
      teacher: {base_url: "http://127.0.0.1:9/v1", model: m, price: {input: 1, output: 2}}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      own: {kind: select-template, file: own.yaml}
      answers: {kind: generate, model: teacher, template: own, data: rows}
      recorded: {kind: import-completions, format: jsonl, path: a.jsonl, data: rows, id: id}
    """

  /// - Parameters:
  ///   - concurrency: How many requests may be in flight.
  ///   - wit: What the model says, from the texts of a request's messages.
  /// - Throws: What setting up throws.
  init(concurrency: Int = 4, _ wit: @escaping Wit) async throws {
    runID = "run-1"
    kitchen = try await Kitchen()
    server = try ScriptedServer { Self.answer($0, wit) }
    let declaration = try #require(
      try Kitchen.instance("{kind: parse, completions: answers, as: text}", behind: Self.head)
        .workflow.expansion.models["teacher"]
    )
    guard case .endpoint(let endpoint) = declaration.source else {
      throw Problem("the model is behind no endpoint", at: nil)
    }
    let identity = ModelIdentity.endpoint(
      try ServiceAddress(baseURL: endpoint.baseURL),
      model: "m",
      revision: nil
    )
    model = ModelReference(
      declaration: declaration,
      target: .endpoint(endpoint),
      identity: identity.json
    )
    var limits = CallLimits()
    limits.concurrency = concurrency
    gateway = Gateway(
      calls: CallService(ledger: kitchen.store.ledger, runID: runID),
      endpoint: try ModelEndpoint(
        address: ServiceAddress(baseURL: server.url + "/v1"),
        model: "m",
        identity: identity,
        limits: limits,
        pricing: Pricing(input: 1, output: 2)
      )
    )
  }

  /// The same model and store in another run, whose services know nothing of the first.
  private init(_ other: TalkingModel, runID: String) {
    kitchen = other.kitchen
    server = other.server
    model = other.model
    self.runID = runID
    gateway = Gateway(
      calls: CallService(ledger: kitchen.store.ledger, runID: runID),
      endpoint: other.gateway.endpoint
    )
  }

  static func again(_ model: TalkingModel, runID: String = "run-2") -> TalkingModel {
    TalkingModel(model, runID: runID)
  }

  deinit { server.stop() }

  private struct Gateway: ModelGateway {
    let calls: CallService
    let endpoint: ModelEndpoint

    func endpoint(for model: ModelReference) async throws -> ModelEndpoint { endpoint }
  }

  private static func answer(
    _ request: ScriptedServer.Received,
    _ wit: Wit
  ) -> [ScriptedServer.Step] {
    let reply = wit(texts(request))
    guard reply.status == 200 else {
      return .answer(reply.status, #"{"error": {"message": "\#(reply.text)"}}"#)
    }
    let body: JSON = [
      "model": "m-1",
      "choices": [
        [
          "message": ["role": "assistant", "content": .string(reply.text)],
          "finish_reason": .string(reply.finish),
        ]
      ], "usage": ["prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13],
    ]
    return .answer(200, body.compactText)
  }

  private static func texts(_ request: ScriptedServer.Received) -> [String] {
    let json = try? JSON(parsing: request.body)
    return (json?["messages"]?.array ?? []).map { message in
      "\(message["role"]?.string ?? "") \(message["content"]?.string ?? "")"
    }
  }

  /// The messages of every request that reached the server, in the order of arrival.
  var asked: [[String]] { server.received.map(Self.texts) }

  // MARK: Running

  func services(_ asking: AskingMode = .missing) -> Services {
    let kitchen = kitchen.services
    return Services(
      store: kitchen.store,
      models: gateway,
      runID: runID,
      logPath: kitchen.logPath,
      scratch: kitchen.scratch,
      asking: asking,
      report: { _ in },
      log: .silent
    )
  }

  /// What a node is given, with templates and artifacts in their slots.
  func inputs(
    _ node: String,
    _ artifacts: [(slot: String, artifact: Artifact)]
  ) throws -> Inputs {
    Inputs(
      instance: try Kitchen.instance(node, behind: Self.head).instance,
      artifacts: artifacts.map { slot, artifact in
        (
          slot,
          InputArtifact(
            artifact: artifact,
            instance: InstanceID(slot),
            point: MatrixPoint(),
            output: nil
          )
        )
      },
      models: [("model", model)],
      files: []
    )
  }

  func run(_ inputs: Inputs, _ asking: AskingMode = .missing) async throws -> Made {
    let kind = try #require(inputs.instance.kind as? any RunnableKind.Type)
    let output = OutputWriter(objects: kitchen.store.objects)
    let outcome = try await kind.run(inputs, output, services(asking))
    return Made(outcome: outcome, parts: await output.collected, store: kitchen.store)
  }

  func planned(_ inputs: Inputs, _ asking: AskingMode = .missing) async throws -> PlannedCalls {
    let kind = try #require(inputs.instance.kind as? any RunnableKind.Type)
    return try #require(try await kind.plannedCalls(inputs, services(asking)))
  }
}

/// Keeps what a test's closures hand out, from any thread.
final class Collected<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  func add(_ value: Value) { values.withLock { $0.append(value) } }

  var all: [Value] { values.withLock { $0 } }
}
