import Foundation
import TestSupport
import Testing

/// The workflows that were written to test the language, where they are on this machine.
///
/// They lie beside the project and not in it; the files that they name are made here.
@Suite("Example workflows", .enabled(if: Example.folder != nil, "there is no ../shared/examples"))
struct ExampleTests {
  @Test(
    "check clean where they use only what exists",
    arguments: ["0-minimal", "6-learning-curve", "7-few-shot", "8-rounds"]
  )
  func clean(name: String) throws {
    let result = try Example(name: name).check()
    #expect(result.error == "")
    #expect(result.status == 0)
  }

  @Test("else name exactly what is reserved or not there yet", arguments: Example.later)
  func later(example: Example) throws {
    let result = try example.check()
    #expect(result.status == 2)
    #expect(Set(Example.messages(in: result.error)) == example.expected)
  }
}

/// One of the examples, with what this version says of it.
struct Example: Sendable, CustomTestStringConvertible {
  let name: String
  var expected: Set<String> = []

  static let folder: String? = {
    let path = "\(ProjectFolder.path)/../shared/examples"
    return FileManager.default.fileExists(atPath: "\(path)/0-minimal.yaml") ? path : nil
  }()

  static let later: [Example] = [
    Example(
      name: "1-table6",
      expected: Set(
        [
          "aqua-rat", "svamp", "anli", "conjnli", "control", "help", "arc", "commonsense-qa",
          "qasc",
          "riddlesense",
        ].map(reader)
      )
    ),
    Example(
      name: "2-table1",
      expected: Set(
        ["chain-of-density", "gov-report", "bbc-news"].map(reader)
          + ["entity_density", "cost"].map { "'metrics: \($0)' is not there yet" }
      )
    ),
    Example(
      name: "3-table3",
      expected: Set(
        ["alpaca", "baize"].map(reader)
          + ["node kind 'judge' is not there yet"]
      )
    ),
    Example(
      name: "4-table7",
      expected: Set(
        ["aqua-rat", "svamp"].map(reader) + ["node kind 'judge' is not there yet"]
      )
    ),
    Example(
      name: "5-project",
      expected: Set(
        ["weights", "train", "serve"].map {
          "'\($0)' of a model is reserved for a later version (models on GPUs of your own)"
        } + [
          "'export' is reserved for a later version (sending results to a tracking server)",
          "'keep' of 'substitute-labels' is not there yet",
        ]
      )
    ),
  ]

  private static func reader(_ format: String) -> String { "'format: \(format)' is not there yet" }

  /// The messages of errors, without their places.
  static func messages(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.range(of: ": error: ").map { String(line[$0.upperBound...]) }
    }
  }

  var testDescription: String { name }

  func check() throws -> Distill.Result {
    let folder = try #require(Self.folder)
    let text = try String(contentsOfFile: "\(folder)/\(name).yaml", encoding: .utf8)
    let work = try TemporaryFolder()
    try work.write(text, to: "workflow.yaml")
    for match in text.matches(of: /(?:path|file): ([A-Za-z0-9_\/.-]+)/) {
      let path = String(match.1)
      try work.write(try Self.content(of: path), to: path)
    }
    return try Distill.run(
      "check",
      "workflow.yaml",
      "--cache",
      "\(work.path)/none",
      in: work.path
    )
  }

  /// Rows in the form that a file's name promises; those for training differ from those for tests.
  private static func content(of path: String) throws -> String {
    if path.hasSuffix(".yaml") {
      let template = "\(ProjectFolder.path)/workflows/templates/math/vanilla.yaml"
      return try String(contentsOfFile: template, encoding: .utf8)
    }
    let first = path.contains("train") ? 100 : 500
    let sums = (first..<first + 20).map { (question: "What is \($0) plus 3?", answer: $0 + 3) }
    guard path.hasSuffix(".json") else {
      return sums.map { "{\"question\": \"\($0.question)\", \"answer\": \"#### \($0.answer)\"}\n" }
        .joined()
    }
    let rows = sums.enumerated().map { index, sum in
      "{\"iIndex\": \(index), \"sQuestion\": \"\(sum.question)\", \"lSolutions\": [\(sum.answer)]}"
    }
    return "[\(rows.joined(separator: ",\n"))]\n"
  }
}
