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

  /// Bytes with a few of them changed, lost, doubled or cut off.
  private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    let marks = Array("\"\\,[]{}\n\r\t:#-0 \u{FEFF}".utf8) + [0x00, 0xFF]
    for _ in 0...generator.below(4) where !bytes.isEmpty {
      let index = generator.below(bytes.count)
      switch generator.below(5) {
      case 0: bytes[index] = marks[generator.below(marks.count)]
      case 1: bytes.insert(marks[generator.below(marks.count)], at: index)
      case 2: bytes.remove(at: index)
      case 3: bytes.removeLast(bytes.count - index)
      default: bytes.insert(contentsOf: bytes[..<index], at: index)
      }
    }
    return bytes
  }

  @Test(arguments: seeds) func readersTakeAnyBytes(format: String, file: String) throws {
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(file))))
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 1, label: format)
    var outcomes: Set<Bool> = []
    for round in 0..<300 {
      let path = "\(folder.path)/data"
      try write(mutated(original, &generator), to: path)
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
        bytes: mutated(original, &generator),
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
      let text = String(decoding: mutated(original, &generator), as: UTF8.self)
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
