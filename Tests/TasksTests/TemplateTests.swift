import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

@Suite struct TemplateTests {
  private let record = Record(
    id: "r1",
    fields: JSONObject([
      ("question", "How many < 3 & \"quotes\"?"), ("size", 51.0), ("part", 0.5),
      ("stem", ["text": "inner"]), ("choices", ["zoo", "pond"]),
      ("steps", [["title": "one", "size": 1], ["title": "two"]]), ("none", .null),
    ]),
    label: "3"
  )

  private func prompt(_ content: String) throws -> PromptTemplate {
    try PromptTemplate(json: [
      "max_tokens": 16, "messages": [["role": "user", "content": .string(content)]],
    ])
  }

  private func render(_ content: String) throws -> String {
    try prompt(content).render(record)[0].content
  }

  @Test(arguments: [
    ("{{question}}", "How many < 3 & \"quotes\"?"),
    ("a {{ question }}{{size}} {{part}}", "a How many < 3 & \"quotes\"?51 0.5"),
    ("{{stem.text}} {{choices[1]}}", "inner pond"),
    ("{{id}} {{label}}", "r1 3"),
    ("{{#choices}}{{@letter}}) {{.}} {{/choices}}!", "A) zoo B) pond !"),
    ("x\n{{#choices}}\n{{@number}}. {{.}}\n{{/choices}}\ny", "x\n1. zoo\n2. pond\ny"),
    ("{{#steps}}{{title}}/{{size}} {{/steps}}", "one/1 two/51 "),
    (#"\{{question}} {{size}}"#, "{{question}} 51"),
    ("{ {x} } }}", "{ {x} } }}"),
    ("", ""),
  ])
  func renders(content: String, text: String) throws {
    #expect(try render(content) == text)
  }

  @Test(arguments: [
    ("a\n b {{questoin}}", "2:4: record 'r1' has no field 'questoin'"),
    ("{{choices}}", "1:1: 'choices' of record 'r1' is a list"),
    ("{{none}}", "1:1: 'none' of record 'r1' is null"),
    ("{{#size}}{{/size}}", "1:1: 'size' of record 'r1' is no list but a number"),
    ("{{.}}", "1:1: '{{.}}' means something only inside a list"),
    ("{{question", "1:1: '{{' is not closed"),
    ("{{}}", "1:1: '{{}}' names no field"),
    ("{{#choices}}", "1:1: the list '{{#choices}}' is not closed"),
    ("{{/choices}}", "1:1: '{{/choices}}' closes no list that is open"),
    (#"\{{x}} {{y}}"#, "1:8: record 'r1' has no field 'y'"),
  ])
  func aTagThatCannotBeFilledIsAProblem(content: String, problem: String) {
    #expect(problems { _ = try render(content) } == [problem])
  }

  @Test func variablesAreInferred() throws {
    let prompt = try prompt("{{a}} {{b.c}} {{#list}}{{d}}{{/list}} {{a}}")
    #expect(prompt.variables == ["a", "b", "list"])
    #expect(prompt.problems(fields: ["a", "list"]).map(\.message) == ["no record has a field 'b'"])
    #expect(prompt.problems(fields: ["a", "list"]).first?.location?.column == 7)
  }

  @Test func aTemplateFileHasThreeParts() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      task: nli
      messages:
        - {role: system, content: Be brief.}
        - role: user
          content: |
            {{premise}}
            So: {{hypothesis}}
      answer: {as: label}
      labels: {yes: [true], no: []}
      target: "Answer: {{label}}"
      max_tokens: 8
      """,
      to: "nli.yaml"
    )
    // `true` is no text in YAML 1.2, and a template says so rather than guess.
    #expect(
      problems { _ = try Template(contentsOf: path, name: "t") }
        == ["9:16: 'yes' must be a text; found true or false"]
    )
    let mended = try folder.write(
      try folder.read("nli.yaml").replacing("[true]", with: "[\"true\"]"),
      to: "nli.yaml"
    )
    let template = try Template(contentsOf: mended, name: "t")
    #expect(template.task == "nli")
    #expect(template.metrics == ["accuracy"])
    #expect(template.prompt.maxTokens == 8)
    #expect(
      template.reading.json == [
        "as": "label",
        "labels": [["name": "yes", "words": ["true"]], ["name": "no", "words": []]],
      ]
    )
    let record = Record(
      id: "1",
      fields: JSONObject([("premise", "P"), ("hypothesis", "H")]),
      label: "yes"
    )
    let messages = try PromptTemplate(json: template.prompt.json).render(record)
    #expect(messages.map(\.role) == [.system, .user])
    #expect(messages[1].content == "P\nSo: H\n")
    let target = try TargetTemplate(json: template.target.json)
    #expect(try target.render(record, label: "no").content == "Answer: no")
  }

  @Test func aTagsPositionIsThatInTheFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      task: math
      messages:
        - role: user
          content: >-
            First {{question}}

              and {{second}}
        - {role: user, content: "x {{third}}"}
      answer: {as: number}
      max_tokens: 8
      """,
      to: "t.yaml"
    )
    let template = try Template(contentsOf: path, name: "t")
    #expect(
      template.prompt.problems(fields: ["question"]).map(short) == [
        "7:13: no record has a field 'second'", "8:30: no record has a field 'third'",
      ]
    )
    #expect(template.prompt.problems(fields: ["question"]).first?.location?.length == 10)
  }

  @Test func everythingWrongInATemplateIsSaidAtOnce() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      tsk: math
      messages:
        - {role: usr, content: "{{a"}
        - {role: assistant}
        - 5
      answer: {as: numbr, path: x}
      labels: [a]
      max_tokens: 0
      metrics: [acuracy]
      """,
      to: "t.yaml"
    )
    #expect(
      problems { _ = try Template(contentsOf: path, name: "t") } == [
        "1:1: unknown field 'tsk'",
        "1:1: 'task' is missing",
        "3:12: unknown role 'usr'",
        "3:27: '{{' is not closed",
        "4:5: 'content' is missing",
        "5:5: a message must be a map; found a whole number",
        "8:13: 'max_tokens' must be a whole number above 0; found 0",
        "6:21: unknown field 'path'",
        "7:9: 'labels' belong to 'answer: {as: label}' only",
        "6:14: unknown reading 'numbr'",
        "9:11: unknown metric 'acuracy'",
      ]
    )
  }

  @Test func theModelsTurnIsNotTheTemplates() throws {
    let text = """
      task: math
      messages: [{role: user, content: a}, {role: assistant, content: b}]
      answer: {as: number}
      max_tokens: 8
      """
    #expect(
      problems { _ = try Template(bytes: Array(text.utf8), name: "t", file: "t") }
        == ["2:38: the last message must be the user's"]
    )
  }
}

@Suite struct FewShotTests {
  private func record(_ number: Int) -> Record {
    Record(
      id: String(number),
      fields: JSONObject([("question", .string("q\(number)"))]),
      label: String(number * 10)
    )
  }

  private func prompt() throws -> PromptTemplate {
    try PromptTemplate(json: [
      "max_tokens": 16,
      "messages": [
        ["role": "system", "content": "S"], ["role": "user", "content": "{{question}}?"],
      ],
    ])
  }

  private func contents(_ prompt: PromptTemplate, _ record: Record) throws -> [String] {
    try prompt.render(record).map { "\($0.role.rawValue) \($0.content)" }
  }

  @Test func examplesComeBeforeTheQuestion() throws {
    let target = try TargetTemplate(json: ["content": "={{label}}"])
    let prompt = try prompt().adding(examples: (1...3).map(record), shots: 2, target: target)
    #expect(
      try contents(prompt, record(9)) == [
        "system S", "user q1?", "assistant =10", "user q2?", "assistant =20", "user q9?",
      ]
    )
    // The part of the store renders the same.
    #expect(try PromptTemplate(json: prompt.json).render(record(9)) == prompt.render(record(9)))
  }

  /// By its text, not its id: ids of two datasets may coincide, and one question may stand twice.
  @Test func aRowIsNeverItsOwnExample() throws {
    let target = try TargetTemplate(json: ["content": "{{label}}"])
    let prompt = try prompt().adding(examples: (1...3).map(record), shots: 2, target: target)
    let twin = Record(id: "99", fields: record(1).fields, label: "10")
    #expect(
      try contents(prompt, twin) == [
        "system S", "user q2?", "assistant 20", "user q3?", "assistant 30", "user q1?",
      ]
    )
  }

  @Test func examplesNeedLabelsAndBeingThere() throws {
    let target = try TargetTemplate(json: ["content": "{{label}}"])
    let unlabelled = Record(id: "5", fields: record(5).fields)
    let prompt = try prompt()
    #expect(
      problems { _ = try prompt.adding(examples: [unlabelled], shots: 1, target: target) }
        == ["record '5' has no label, so it can be no example"]
    )
    #expect(
      problems { _ = try prompt.adding(examples: [record(1)], shots: 2, target: target) }
        == ["2 examples are wanted, but only 1 records have a label"]
    )
  }

  @Test func theChoiceNestsAndDependsOnTheSeed() throws {
    let folder = try TemporaryFolder()
    let lines = (1...50).map { "{\"text\": \"\($0)\"\($0 % 2 == 0 ? ", \"label\": 1" : "")}\n" }
    let path = try folder.write(lines.joined(), to: "rows.jsonl")
    let source = DatasetSource(path: path, format: "jsonl")
    let four = try ExampleChoice.choose(from: source, rows: 4, seed: 7)
    #expect(four.count == 5)
    #expect(four.allSatisfy { $0.label != nil })
    #expect(try ExampleChoice.choose(from: source, rows: 2, seed: 7) == Array(four[..<3]))
    #expect(try ExampleChoice.choose(from: source, rows: 4, seed: 8) != four)
    #expect(try ExampleChoice.choose(from: source, rows: 100, seed: 7).count == 25)
  }
}
