import Execution
import ModelService
import NodeKinds
import Primitives
import TestSupport
import Testing
import Workflow

/// Outputs of fixed inputs by their digests.
///
/// A digest that changes while no version does means that stores hold two outputs for one key.
/// Raise the version of the reader, template renderer, reading or kind concerned, then write the
/// new digest here.
@Suite struct DigestTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  @Test(
    arguments: [
      (
        "tickets.csv", "format: csv, fields: {text: text, label: queue}",
        "bd6d348d9e4578c085ce8675f1c5135c99d9ce676ffb190aca877c2482134ffa"
      ),
      (
        "gsm8k.jsonl", "format: gsm8k",
        "e089ad9367bf30c4755ef203d0b4e232b4148e82582f94550972eff155174f71"
      ),
      (
        "pens.json", "format: json, fields: {question: problem, label: solution}",
        "833b3ccaf02565fa5b93a5b01960c629655ed816412a7529fc54440d6c25d548"
      ),
      (
        "pens.jsonl", "format: jsonl",
        "efb17d8456f28f7bbafb3727d7ab6b6c3c8610dc8b7300c9cafcc7cfc5b6e03f"
      ),
      (
        "multiarith.json", "format: multiarith",
        "f95e4d0f0216973ce5318d643ff189b156293d00ca3b9db19557f87fa8011f34"
      ),
      (
        "pairs.tsv", "format: tsv",
        "18d589d7fcb15dba549ca679869f811a4e741ec83317946ff009ec9e8edd8c33"
      ),
      (
        "pens.jsonl", "format: jsonl, shuffle: 7, limit: 2",
        "9aaa05930db2bdea85ba754acd90cc97a83d8e00f2bf2a3534fbf15841a3d75e"
      ),
    ])
  func dataset(_ name: String, _ settings: String, _ digest: String) async throws {
    let path = "\(ProjectFolder.path)/Tests/TasksTests/Fixtures/\(name)"
    let file = try await kitchen.file(at: path, written: name)
    let made = try await kitchen.run(
      "{kind: dataset, path: \(name), \(settings)}",
      files: [("path", file)]
    )
    #expect(made.digests == ["rows \(digest)"])
  }

  @Test func vanillaTemplate() async throws {
    let file = try await kitchen.file(Recipe.vanillaText, "own.yaml")
    let made = try await kitchen.run(
      "{kind: select-template, file: own.yaml}",
      files: [("file", file)]
    )
    #expect(
      made.digests == [
        "prompt 753bc2991e53fd561139988a3e6205eaed1310c4c9658792abb6ff4760f4002f",
        "reading 2b6e3d7be9be95a598d837cb7e4a6b0e24bcfb79aad6306e61856f458960cbb1",
        "target 47e14d7a29c8384aa4cc7f82ddae9635b1dee84a4a1a05c0ab1b4c75a4b0e846",
      ]
    )
  }

  @Test func templateWithSteps() async throws {
    let file = try await kitchen.file(Recipe.cotText, "own.yaml")
    let made = try await kitchen.run(
      "{kind: select-template, file: own.yaml}",
      files: [("file", file)]
    )
    #expect(
      made.digests == [
        "prompt 28fed363e2daab0bb9b3d6d9eeab7300cdcd868a493661d266346dc5e4586b65",
        "reading 2b6e3d7be9be95a598d837cb7e4a6b0e24bcfb79aad6306e61856f458960cbb1",
        "target 47e14d7a29c8384aa4cc7f82ddae9635b1dee84a4a1a05c0ab1b4c75a4b0e846",
      ]
    )
  }

  @Test func parse() async throws {
    let made = try await kitchen.run(
      "{kind: parse, completions: answers, as: number, vote: majority}",
      [
        (
          "completions",
          kitchen.completions([
            CompletionRow("a", "3 + 4 = 7. The answer is 7.", sample: 0),
            CompletionRow("a", "About 7.0 in all.", sample: 1),
            CompletionRow("b", "The answer is $1,450.50.", sample: 0),
            CompletionRow("b", "\\boxed{3}", sample: 1),
            CompletionRow("c", "none", sample: 0, .truncated),
          ])
        )
      ]
    )
    #expect(
      made.digests == [
        "disagreements e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "reading 2b6e3d7be9be95a598d837cb7e4a6b0e24bcfb79aad6306e61856f458960cbb1",
        "rows cc89bf24ec39a1c797adbf54fa9cfa48c92b91253747a5ce3450d810fcb77d69",
        "summary 08c46e7c18801383992183993d55e6f7bd499d0c6edce220f5bfc3af7ed54104",
      ]
    )
  }

  @Test func substituteLabels() async throws {
    let parts = try Recipe.vanilla
    let made = try await kitchen.run(
      "{kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}",
      [
        (
          "data",
          kitchen.rows(
            .dataset,
            [["id": "a", "question": "3 + 4?"], ["id": "b", "question": "\"é\" + 1?"]]
          )
        ), ("labels", kitchen.labels([LabelRow("a", "7"), LabelRow("b", nil, .unreadable)])),
        (
          "template",
          kitchen.artifact(.template, [(Part.prompt, parts.prompt), (Part.target, parts.target)])
        ),
      ]
    )
    #expect(
      made.digests == [
        "ids ee195db0cd14979ece92e4ac42d91fef87d1ee254f8df170907cd674dab12d44",
        "rows 2a1c66520c9f9190c680e399f075e48041aa08a3153bd82d3d0cc1a9847616c9",
        "summary e2560b282b5dfd4d89fcf121103488a765c187cc6419985cf4189a8dd0f84a29",
      ]
    )
  }

  @Test func evaluate() async throws {
    let made = try await kitchen.run(
      "{kind: evaluate, of: recorded, as: number, metrics: [accuracy, tokens, words]}",
      [
        (
          "of",
          kitchen.completions([
            CompletionRow("a", "The answer is 7."), CompletionRow("b", "eight"),
            CompletionRow("c", "9"),
          ])
        ),
        (
          "of.data",
          kitchen.rows(
            .dataset,
            [["id": "a", "label": "7"], ["id": "b", "label": "8"], ["id": "c", "label": "1"]]
          )
        ),
      ]
    )
    #expect(
      made.digests == [
        "rows c4d7ba7b264ba5f5221249723dfa292efe1c2ae20777610426a69cfec016494e",
        "summary 85a57358c504b378f6954ea215931d0036145067005b00c17d4db933c274bdde",
      ]
    )
  }

  @Test func table() async throws {
    var inputs: [(slot: String, input: InputArtifact)] = []
    for (index, value) in [0.5, 0.625, 2.0 / 3].enumerated() {
      let summary: JSON = [
        "metrics": [
          "accuracy": [
            "n": 8, "figures": ["all": ["value": .number(value), "low": 0.25, "high": 0.875]],
          ]
        ]
      ]
      inputs.append(
        (
          "columns[\(index)]",
          InputArtifact(
            artifact: try await kitchen.artifact(.scores, [(Part.summary, summary)]),
            instance: InstanceID("scores@\(index)"),
            point: MatrixPoint([MatrixPoint.Coordinate(axis: "seed", value: "\(index)")]),
            output: nil
          )
        )
      )
    }
    let made = try await kitchen.run(
      "{kind: table, title: A | B, columns: [scores]}",
      inputs: inputs
    )
    #expect(
      made.digests == [
        "table 3e63e90a7047498205f10f7f215cecc88a389d820db3b992c146c3f98e618891",
        "table.csv db66f9f6bfa9e132323c2d7f370cb646bfa6dc6b0de93a52f334462b773ae8f3",
        "table.html 65d55e2fb591406b194f9c08ef0bc70742767c5010462e542f30ccbc032a26fa",
        "table.md 0b1c9c81bae236cbaedd5f3dfcb559d6a12c8be87335ff9d6d37486dc7b1c142",
        "table.tex 1910ef3e6fec797f5b8fe46fbba554284deddc72b70b9579315679c1239c026f",
      ]
    )
  }
}
