import Foundation
import Primitives
import TestSupport

/// A project of a few rows whose model is a scripted server, and the account of what was sent to it.
final class ScriptedModel {
  let folder: TemporaryFolder
  let server: ScriptedServer

  /// Serves what the script says; the dataset `rows.jsonl` has so many rows.
  init(rows: Int = 5, _ script: @escaping ScriptedServer.Script = ScriptedModel.answering) throws {
    server = try ScriptedServer(script: script)
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<rows), to: "rows.jsonl")
  }

  deinit { server.stop() }

  /// The declaration of the model `teacher`.
  static func declaration(_ url: String, concurrency: Int = 4) -> String {
    """
    models:
      teacher:
        base_url: \(url)
        model: scripted
        revision: "1"
        limits: {concurrency: \(concurrency)}

    """
  }

  /// One generate over all rows, with further nodes behind it.
  static let generate = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}

    """

  func write(
    _ nodes: String = ScriptedModel.generate,
    url: String? = nil,
    concurrency: Int = 4
  ) throws {
    let model = Self.declaration(url ?? server.url, concurrency: concurrency)
    try folder.write(model + nodes, to: "w.yaml")
  }

  func run(_ arguments: String...) throws -> Distill.Result {
    try Distill.run(["run", "w.yaml"] + arguments, in: folder.path)
  }

  /// An answer to a chat request in which every row has the same text.
  static let answering: ScriptedServer.Script = { _ in .answer(200, body("The answer is 7.")) }

  static func body(_ text: String) -> String {
    let json: JSON = [
      "id": "1", "object": "chat.completion", "created": 1, "model": "scripted",
      "choices": [
        [
          "index": 0, "message": ["role": "assistant", "content": .string(text)],
          "finish_reason": "stop",
        ]
      ], "usage": ["prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9],
    ]
    return json.compactText
  }

  static func error(_ message: String) -> String {
    let json: JSON = ["error": ["message": .string(message), "type": "scripted"]]
    return json.compactText
  }
}

extension Distill {
  static func run(_ arguments: [String], in folder: String) throws -> Result {
    let (process, outputs) = try start(arguments, in: folder)
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }
}
