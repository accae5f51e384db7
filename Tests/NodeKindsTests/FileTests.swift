import Execution
import NodeKinds
import Primitives
import TestSupport
import Testing
import Workflow

/// Files of the user's: what is read is what was pinned.
@Suite struct FileTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  @Test func aDatasetThatChangedAfterItWasPinnedFails() async throws {
    let file = try await kitchen.file("{\"id\": \"a\"}\n", "rows.jsonl")
    try kitchen.folder.write("{\"id\": \"b\"}\n", to: "rows.jsonl")
    let failure = try await kitchen.failure {
      try await kitchen.run(
        "{kind: dataset, format: jsonl, path: rows.jsonl}",
        files: [("path", file)]
      )
    }
    #expect(failure?.message.hasPrefix("file 'rows.jsonl' changed while the run") == true)
  }

  @Test func aTemplateThatChangedAfterItWasPinnedFails() async throws {
    let file = try await kitchen.file(Recipe.cotText, "own.yaml")
    try kitchen.folder.write(Recipe.vanillaText, to: "own.yaml")
    let failure = try await kitchen.failure {
      try await kitchen.run("{kind: select-template, file: own.yaml}", files: [("file", file)])
    }
    #expect(failure?.message.hasPrefix("template 'own.yaml' changed while the run") == true)
  }

  @Test func aCommandsFileThatChangedAfterItWasPinnedFails() async throws {
    let file = try await kitchen.file("one\n", "config")
    try kitchen.folder.write("two\n", to: "config")
    let failure = try await kitchen.failure {
      try await kitchen.run(
        "{kind: command, shell: 'cat $C > out', inputs: {C: {path: config}}, outputs: {out: out}}",
        files: [("inputs.C.path", file)]
      )
    }
    #expect(failure?.message.hasPrefix("file 'config' changed while the run") == true)
  }

  @Test func slicesOfOneShuffleAreDisjoint() async throws {
    let text = (0..<20).map { "{\"id\": \"\($0)\"}\n" }.joined()
    let file = try await kitchen.file(text, "rows.jsonl")
    func ids(_ slice: String) async throws -> [String] {
      let made = try await kitchen.run(
        "{kind: dataset, format: jsonl, path: rows.jsonl, shuffle: 7, \(slice)}",
        files: [("path", file)]
      )
      return try await made.lines(Part.rows).compactMap { $0["id"]?.string }
    }
    let five = try await ids("limit: 5")
    let ten = try await ids("limit: 10")
    let rest = try await ids("skip: 10")
    #expect(Array(ten.prefix(5)) == five)
    #expect(Set(ten + rest).count == 20)
    #expect(ten + rest != (0..<20).map(String.init))
  }

  @Test func examplesAreChosenFromTheirDataset() async throws {
    let file = try await kitchen.file(Recipe.vanillaText, "own.yaml")
    let rows: [JSON] = (1...6).map {
      ["id": JSON("\($0)"), "question": JSON("q\($0)"), "label": "1"]
    }
    func prompt(_ examples: String) async throws -> String {
      let made = try await kitchen.run(
        "{kind: select-template, file: own.yaml, examples: {data: rows, \(examples)}}",
        [("examples.data", kitchen.rows(.dataset, rows))],
        files: [("file", file)]
      )
      return try await made.text(Part.prompt)
    }
    let two = try await prompt("rows: 2, seed: 1")
    #expect(try await prompt("rows: 2, seed: 1") == two)
    #expect(try await prompt("rows: 0") == Recipe.vanilla.prompt.canonicalText)
    var others: Set<String> = []
    for seed in 2...6 { others.insert(try await prompt("rows: 2, seed: \(seed)")) }
    let bare = try Recipe.vanilla.prompt.canonicalText
    #expect(two != bare)
    #expect(others.count > 1)
  }

  @Test func recordedAnswersJoinByIDOrByPrompt() async throws {
    let rows: [JSON] = [
      ["id": "a", "question": "one?"], ["id": "b", "question": " two? "],
      ["id": "c", "question": "three?"],
    ]
    let byID = try await kitchen.file(
      """
      {"key": "b", "text": "B"}
      {"key": "a", "text": "A1"}
      {"key": "a", "text": "A2"}
      {"key": "x", "text": "X"}

      """,
      "answers.jsonl"
    )
    let made = try await kitchen.run(
      "{kind: import-completions, format: jsonl, path: answers.jsonl, data: rows, id: key}",
      [("data", kitchen.rows(.dataset, rows))],
      files: [("path", byID)]
    )
    let answers = try await made.lines(Part.rows).map { try CompletionRow(line: $0.canonical) }
    #expect(answers.map(\.text) == ["A1", "A2", "B"])
    #expect(answers.map(\.sample) == [0, 1, 0])
    #expect(
      made.outcome.notes == [
        "1 of 3 rows have no recorded answer", "1 recorded answers belong to no row",
      ]
    )
    let byPrompt = try await kitchen.file("prompt,text\ntwo?,B\n one? ,A\n", "answers.csv")
    let joined = try await kitchen.run(
      "{kind: import-completions, format: csv, path: answers.csv, data: rows, prompt: prompt}",
      [("data", kitchen.rows(.dataset, rows))],
      files: [("path", byPrompt)]
    )
    #expect(try await joined.lines(Part.rows).map { $0["id"] } == ["a", "b"])
  }

  /// Two rows of one prompt share its answer; that must not hide one that belongs to nothing.
  @Test func anAnswerWithoutARowIsCountedBesideSharedOnes() async throws {
    let rows: [JSON] = [["id": "a", "question": "same?"], ["id": "b", "question": "same?"]]
    let file = try await kitchen.file("prompt,text\nsame?,A\nlost?,L\n", "answers.csv")
    let made = try await kitchen.run(
      "{kind: import-completions, format: csv, path: answers.csv, data: rows, prompt: prompt}",
      [("data", kitchen.rows(.dataset, rows))],
      files: [("path", file)]
    )
    #expect(try await made.lines(Part.rows).map { $0["text"] } == ["A", "A"])
    #expect(made.outcome.notes == ["1 recorded answers belong to no row"])
  }
}
