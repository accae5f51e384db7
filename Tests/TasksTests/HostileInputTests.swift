import Diagnostics
import Foundation
import Primitives
import Tasks
import TestSupport
import Testing

/// Any bytes give records or problems, any text an answer or none: never a trap, never a stall.
@Suite struct HostileInputTests {
  private static let seeds = [
    ("jsonl", "pens.jsonl"), ("json", "pens.json"), ("csv", "tickets.csv"), ("tsv", "pairs.tsv"),
    ("gsm8k", "gsm8k.jsonl"), ("multiarith", "multiarith.json"),
  ]

  @Test(arguments: seeds) func readersTakeAnyBytes(format: String, file: String) throws {
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(file))))
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 1, label: format)
    var outcomes: Set<Bool> = []
    for round in 0..<300 {
      let path = "\(folder.path)/data"
      try write(mutatedBytes(original, &generator), to: path)
      let selection = DatasetSelection(shuffle: round % 2 == 0 ? 1 : nil)
      do {
        _ = try records(path, format, selection)
        outcomes.insert(true)
      } catch let problems as Problems {
        #expect(!problems.all.isEmpty)
        #expect(problems.all.allSatisfy { $0.location != nil })
        outcomes.insert(false)
      }
    }
    // Both must have come up, else the changes are too weak or too strong to say anything.
    #expect(outcomes == [true, false])
  }

  @Test func templatesTakeAnyBytes() throws {
    let original = Array(
      """
      task: t
      messages:
        - {role: user, content: "{{#choices}}\\n{{@letter}} {{.}}\\n{{/choices}} {{a.b[0]}}"}
      answer: {as: json, path: "[-1].x"}
      max_tokens: 8
      """.utf8
    )
    var generator = SeededGenerator(seed: 1, label: "template")
    var loaded = 0
    for _ in 0..<500 {
      let template = try? Template(
        bytes: mutatedBytes(original, &generator),
        name: "t",
        file: "t"
      )
      guard let template else { continue }
      loaded += 1
      let record = Record(id: "1", fields: JSONObject([("choices", ["x", ["y": 1]])]))
      _ = try? template.prompt.render(record)
    }
    #expect((1..<500).contains(loaded))
  }

  private static let readings: [JSON] =
    [
      ["as": "number"], ["as": "choice"], ["as": "json"], ["as": "text"],
      [
        "as": "label",
        "labels": [["name": "yes", "words": []], ["name": "not yes", "words": []]],
      ],
      ["as": "rating"], ["as": "regex", "pattern": "(\\d+)"],
    ] + Reading.harnessForms.map { ["as": .string($0)] }

  @Test(arguments: readings) func readingsTakeAnyText(json: JSON) throws {
    let reading = try Reading(json: json)
    let original = Array(
      #"The answer is (B) $1,2.5/3 yes \boxed{-3{4}} #### -.5 "{[1, {"a": "x"}]}" \frac{1}{0} 0/0"#
        .utf8
    )
    var generator = SeededGenerator(seed: 1, label: "reading")
    for _ in 0..<500 {
      let text = String(decoding: mutatedBytes(original, &generator), as: UTF8.self)
      let answer = reading.read(text, for: nil)
      #expect(answer.value == answer.strict ?? answer.flexible)
    }
  }

  /// Texts that are nothing but beginnings: reading them must not take the square of their length.
  @Test(arguments: readings) func readingsDoNotStall(json: JSON) throws {
    let reading = try Reading(json: json)
    for piece in ["\\boxed{", "answer is ", "#### ", "[", "{\"", "yes ", "(A) ", "9", "-", "1/"] {
      let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
      let answer = reading.read(text, for: nil)
      #expect(answer.value == answer.strict ?? answer.flexible)
    }
  }
}
