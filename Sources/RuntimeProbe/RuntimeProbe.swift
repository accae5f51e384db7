// runtime-probe: what the embedded runtime computes, for comparing it with implementations that
// others wrote (Tests/Peers/runtime.sh). It answers one JSON object a line with one a line.

import Foundation
import Primitives
import TinyLlama

/// Reads requests from standard input until it ends.
@main
struct RuntimeProbe {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: runtime-probe FOLDER < requests\n".utf8))
      exit(2)
    }
    var probe = RuntimeProbe(checkpoint: try Checkpoint(folder: CommandLine.arguments[1]))
    while let line = readLine(strippingNewline: true) {
      let answer = try await probe.answer(to: JSON(parsing: Array(line.utf8)))
      FileHandle.standardOutput.write(Data("\(answer.compactText)\n".utf8))
    }
  }

  private let checkpoint: Checkpoint
  /// By their threads; each has the weights once more, so none is made before it is needed.
  private var engines: [Int: GenerationEngine] = [:]

  private init(checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  private mutating func engine(threads: Int) -> GenerationEngine {
    if let engine = engines[threads] { return engine }
    let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
    engines[threads] = engine
    return engine
  }

  /// One request: `{"do": …}` with what it is done with.
  private mutating func answer(to request: JSON) async throws -> JSON {
    switch request["do"]?.string {
    case "encode": return try encoded(try text(request["text"]))
    case "prompt":
      return Self.list(try checkpoint.promptTokens(for: try messages(request)))
    case "sequence":
      let sequence = try checkpoint.trainingSequence(for: try messages(request))
      return [
        "tokens": Self.list(sequence.tokens), "counts": .array(sequence.counts.map(JSON.bool)),
      ]
    case "scores":
      let rows = checkpoint.scores(after: tokens(request["tokens"]))
      return .array(rows.map { .array($0.map { .number(Double($0)) }) })
    case "gradients": return try gradients(request)
    case "answer": return try await answered(request)
    case "time-decoding":
      return try await Benchmark.decoding(
        chats(request),
        by: engine(threads: request["threads"]?.int ?? 1),
        streams: request["streams"]?.int ?? 1,
        limit: request["max_tokens"]?.int ?? 64
      )
    case "time-training":
      return try await Benchmark.training(
        checkpoint,
        on: chats(request),
        threads: request["threads"]?.int ?? 1,
        repetitions: request["repetitions"]?.int ?? 5
      )
    default: throw ProbeError("'do' is \(request["do"]?.compactText ?? "missing")")
    }
  }

  private func encoded(_ text: String) throws -> JSON {
    let tokens = checkpoint.tokenizer.encode(text)
    return ["tokens": Self.list(tokens), "text": .string(checkpoint.tokenizer.decode(tokens))]
  }

  /// Mean loss of one sequence; its gradients are written as a checkpoint's weights.
  private func gradients(_ request: JSON) throws -> JSON {
    let counts = (request["counts"]?.array ?? []).map { $0.bool ?? false }
    let sequence = TokenSequence(tokens: tokens(request["tokens"]), counts: counts)
    let trainer = Trainer(checkpoint, threads: 1)
    let gradients = trainer.gradients(of: [sequence])
    try checkpoint.replacing(parameters: gradients).write(to: text(request["folder"]))
    return .number(trainer.loss([sequence]))
  }

  /// The most probable answer.
  private mutating func answered(_ request: JSON) async throws -> JSON {
    let result = try await engine(threads: 1).generate(
      GenerationRequest(
        messages: messages(request),
        temperature: 0,
        maxTokens: request["max_tokens"]?.int ?? 64
      )
    )
    return [
      "text": .string(result.text), "completion_tokens": JSON(result.completionTokens),
      "finish_reason": .string(result.finishReason.rawValue),
    ]
  }

  private func messages(_ request: JSON) throws -> [ChatMessage] {
    try ChatMessage.list(json: request["messages"] ?? .null)
  }

  private func chats(_ request: JSON) throws -> [[ChatMessage]] {
    try (request["chats"]?.array ?? []).map { try ChatMessage.list(json: $0) }
  }

  private func text(_ json: JSON?) throws -> String {
    guard let text = json?.string else { throw ProbeError("a text is missing") }
    return text
  }

  private func tokens(_ json: JSON?) -> [Int32] {
    (json?.array ?? []).compactMap { $0.integer.flatMap(Int32.init(exactly:)) }
  }

  private static func list(_ tokens: [Int32]) -> JSON { .array(tokens.map { JSON(Int($0)) }) }
}

/// What is wrong with a request.
struct ProbeError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
