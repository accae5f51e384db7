import Execution
import ModelService
import NodeKinds
import Primitives
import Store
import Testing
import Workflow

/// A teacher whose answers to two rows are in the ledger, so that nothing is sent.
struct RecordedTeacher {
  static let rows: [JSON] = [
    ["id": "a", "question": "3 + 4?", "label": "7"],
    ["id": "b", "question": "5 + 4?", "label": "9"],
  ]

  let kitchen: Kitchen
  private let model: ModelReference

  init() async throws {
    kitchen = try await Kitchen()
    let declaration = try #require(
      try Kitchen.instance("{kind: parse, completions: answers}").workflow.expansion.models[
        "teacher"
      ]
    )
    model = ModelReference(
      declaration: declaration,
      target: .checkpoint(Digest(of: "a checkpoint")),
      identity: ModelIdentity.checkpoint(Digest(of: "a checkpoint"), runtime: "1").json
    )
  }

  static func decoding(_ temperature: Double, topP: Double = 1) -> DecodingParameters {
    DecodingParameters(temperature: temperature, topP: topP, maxTokens: 16)
  }

  /// Records what the teacher says to a question under a decoding.
  func record(
    _ question: String,
    _ decoding: DecodingParameters,
    draw: Draw = Draw(seed: 0),
    _ answer: Answer
  ) async throws {
    let prompt = "\(question)\n\nGive only the answer, as a number."
    let call = ModelCall(
      LogicalRequest(messages: [PromptMessage(role: "user", content: prompt)], decoding: decoding),
      draw: draw,
      model: ModelIdentity(json: model.identity)
    )
    let ledger = kitchen.store.ledger
    let claim = try await ledger.claim(
      CallRequest(
        key: call.key,
        model: call.model.text,
        request: call.request.json.canonical,
        runID: "run-0"
      )
    )
    guard case .granted(let attempt) = claim else {
      Issue.record("the call was recorded before")
      return
    }
    try await ledger.settle(
      attempt,
      .answered,
      body: answer.json.canonical,
      servedModel: nil,
      tokens: TokenCounts()
    )
  }

  /// Runs a node on the two rows with the template that asks for the number alone.
  func run(_ node: String) async throws -> Made {
    let parts = try Recipe.vanilla
    return try await kitchen.run(
      node,
      [
        (
          "template",
          kitchen.artifact(
            .template,
            [
              (Part.prompt, parts.prompt), (Part.target, parts.target),
              (Part.reading, parts.reading),
            ]
          )
        ), ("data", kitchen.rows(.dataset, Self.rows)),
      ],
      model: model
    )
  }
}
