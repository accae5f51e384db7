import Execution
import ModelService
import NodeKinds
import Primitives
import Tasks
import TestSupport
import Testing
import Workflow

/// Recorded chat answers of the paper's three models, led as far as a training set.
@Suite(.enabled(if: SharedData.path != nil, "the shared data is not here: recorded chats skipped"))
struct RealChatTests {
  private let folder = (SharedData.path ?? "") + "/model_outputs/alpaca_eval_llama3.1"

  private func shipped(_ name: String) throws -> Template {
    try TemplateLibrary(folders: ["\(ProjectFolder.path)/workflows/templates"]).load(name)
  }

  /// The file is the data, as conversations of one turn, and the recorded answers to it.
  @Test(arguments: ["405B", "70B", "8B"])
  func theTeachersWordsBecomeTheTrainingSet(model: String) async throws {
    let kitchen = try await Kitchen()
    let path = "\(folder)/\(model).first120.json"
    var recorded: [(instruction: String, output: String)] = []
    let source = RecordedAnswerSource(
      path: path,
      name: model,
      format: "json",
      prompt: "instruction",
      text: "output"
    )
    try RecordedAnswers.read(source) { recorded.append(($0.key, $0.text)) }
    #expect(recorded.count == 120)
    let data = try await kitchen.rows(
      .dataset,
      recorded.enumerated().map { index, row in
        ["id": .string("\(index + 1)"), "turns": [.string(row.instruction)]]
      }
    )
    let template = try shipped("chat/vanilla")
    let parts = try await kitchen.artifact(
      .template,
      [
        (Part.prompt, template.prompt.json), (Part.reading, template.reading.json),
        (Part.target, template.target.json),
      ]
    )

    let imported = try await kitchen.run(
      "{kind: import-completions, format: json, path: a.json, data: rows, prompt: instruction, "
        + "matches: 'turns[0]', text: output, template: math/cot}",
      [("data", data), ("template", parts)],
      files: [("path", kitchen.file(at: path, written: "a.json"))]
    )
    #expect(imported.outcome.notes == [])
    #expect(imported.outcome.facts["answers"] == 120)
    let labels = try await kitchen.run(
      "{kind: parse, completions: answers}",
      [
        ("completions", try await imported.artifact(.completions)), ("reading", parts),
        ("data", data),
      ]
    )
    let training = try await kitchen.run(
      "{kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}",
      [("data", data), ("labels", try await labels.artifact(.labels)), ("template", parts)]
    )
    let rows = try await training.lines(Part.rows)
    #expect(rows.count == 120)
    for (row, expected) in zip(rows, recorded) {
      let messages = row["messages"]?.array ?? []
      #expect(messages.map { $0["role"] } == ["system", "user", "assistant"])
      #expect(messages[1]["content"] == .string(expected.instruction))
      let answer = messages[2]["content"]?.string ?? ""
      #expect(!answer.isEmpty && expected.output.contains(answer))
    }
  }
}

extension Made {
  /// What was made, as an input of the next kind.
  func artifact(_ type: ArtifactType) async throws -> Artifact {
    Artifact(type: type, parts: parts)
  }
}
