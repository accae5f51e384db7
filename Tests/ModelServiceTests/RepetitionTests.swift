import Foundation
import ModelService
import Testing

@Suite("Texts that repeat themselves")
struct RepetitionTests {
  private static func times(_ count: Int, _ unit: String) -> String {
    String(repeating: unit, count: count)
  }

  static let loops = [
    times(60, "I think that the answer is 42. "),
    "Let us see.\n\n" + times(40, "Wait, let me check that again.\n"),
    times(400, "the same again "),
    times(2000, "no "),
    times(5000, "!"),
    times(13, times(10, "A whole paragraph that says nothing new at all. ") + "\n\n"),
    times(100, "それはとても大切なことです。 そう思います。 はい。 "),
    "so " + times(30, "the cat sat on the mat and then the cat sat down, and ") + "the cat sat on",
    times(60, "I think that the answer is 42. ") + "\n\n  ",
  ]

  @Test("loops are found, whether cut or ended", arguments: loops)
  func findsLoops(text: String) {
    #expect(Repetition.ends(text, isCut: false))
    #expect(Repetition.ends(text, isCut: true))
  }

  @Test("a text that was cut is a loop sooner")
  func findsCutLoops() {
    let text = "The answer: " + Self.times(9, "and so it goes on and on and on, ")
    #expect(Repetition.ends(text, isCut: true))
    #expect(!Repetition.ends(text, isCut: false))
  }

  static let texts: [String] = {
    let rows = (1...80).map { "| \($0) | \($0 * $0) | yes |" }.joined(separator: "\n")
    let numbers = (1...900).map { String($0) }.joined(separator: ", ")
    let steps = (1...60).map { "Step \($0): add \($0) to the sum." }.joined(separator: "\n")
    let code = (1...40).map { "  if (x == \($0)) {\n    return \($0);\n  }\n" }.joined()
    return [
      "", "x", "42", times(255, "-"), rows, numbers, steps, code,
      "| a | b | c |\n" + times(3, "|---------------") + "|",
      "Labels:\n" + times(200, "negative\n"),
      "[" + times(300, "0.0, ") + "0.0]",
      times(100, "0 0 0 0 0 0\n"),
      times(30, "}\n"),
      "The number is 1" + times(1000, "0"),
      "print(" + times(12, "(") + "x" + times(12, ")") + ")",
      "He said: " + times(40, "ha ") + "and went.",
      times(3, "One verse of a song that comes back three times, as refrains do.\n"),
      "A ruler:\n" + times(200, "=") + "\n" + times(200, "-"),
    ]
  }()

  @Test("lists, tables, numbers, code, rulers and refrains are none", arguments: texts)
  func passesTexts(text: String) {
    #expect(!Repetition.ends(text, isCut: false))
  }

  /// Texts that models and people wrote, where they lie beside the project.
  private static let shared: String = {
    let file = URL(fileURLWithPath: #filePath)
    return file.deletingLastPathComponent().appendingPathComponent("../../../shared/data").path
  }()

  @Test(
    "no line of the public data sets counts as a loop",
    .enabled(if: FileManager.default.fileExists(atPath: shared))
  )
  func passesRealTexts() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: Self.shared)
    var lines = 0
    for name in names where !name.hasSuffix(".gz") && !name.hasSuffix(".parquet") {
      let path = "\(Self.shared)/\(name)"
      guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 20_000_000 else {
        continue
      }
      for line in bytes.split(separator: 0x0A) where line.count >= 256 {
        let text = String(decoding: line, as: UTF8.self)
        lines += 1
        #expect(!Repetition.ends(text, isCut: false), "\(name): \(text.suffix(200))")
      }
      let whole = String(decoding: bytes, as: UTF8.self)
      #expect(!Repetition.ends(whole, isCut: false), "\(name)")
    }
    #expect(lines > 100)
  }

  @Test("the worst text for the search is read in time that grows with its tail only")
  func isBounded() {
    // Nearly periodic at each unit: what one compares is bounded by the unit, not by the text.
    let text = Self.times(500_000, "ab") + "c" + Self.times(1023, "a")
    #expect(!Repetition.ends(text, isCut: false))
  }
}
