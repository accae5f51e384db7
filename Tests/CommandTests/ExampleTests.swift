import Foundation
import Primitives
import TestSupport
import Testing

/// The workflows that were written to test the language, where they are on this machine.
///
/// They lie beside the project and not in it; the files that they name are made here, or are the
/// samples of the project.
@Suite("Example workflows", .enabled(if: Example.folder != nil, "there is no ../shared/examples"))
struct ExampleTests {
  @Test("check clean where they use only what exists", arguments: Example.all)
  func clean(name: String) throws {
    let result = try Example(name: name).run("check")
    #expect(Example.messages(in: result.error) == [])
    #expect(result.status == 0)
  }

  @Test("plan without an endpoint to ask", arguments: Example.all)
  func plan(name: String) throws {
    let result = try Example(name: name).run("plan", "--json")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.events.last?["instances"]?.array?.isEmpty == false)
  }

  /// Models that know nothing of it, and fewer rows: the real pipeline on tiny answers.
  @Test("run to their tables on embedded models", arguments: Example.all)
  func run(name: String) throws {
    let result = try Example(name: name, models: .embedded).run("run", "--json")
    #expect(result.status == 0, "\(result.error.suffix(4000))")
    #expect(result.summary["status"] == "succeeded")
    #expect(result.count("failed") == 0)
  }

  @Test("name exactly what is reserved") func reserved() throws {
    let result = try Example(name: "5-project").run("check")
    #expect(result.status == 2)
    let ofModels = ["weights", "train", "serve"].map {
      "'\($0)' of a model is reserved for a later version (models on GPUs of your own)"
    }
    let others = ["'export' is reserved for a later version (sending results to a tracking server)"]
    #expect(Set(Example.messages(in: result.error)) == Set(ofModels + others))
  }
}

/// One of the examples in a folder of its own, with the data that it names.
struct Example {
  enum Models {
    /// As written.
    case declared
    /// All of them the tool's own, and fewer rows; labels that cannot be read are kept, or nothing
    /// would be left.
    case embedded
  }

  static let all = [
    "0-minimal", "1-table6", "2-table1", "3-table3", "4-table7", "6-learning-curve", "7-few-shot",
    "8-rounds",
  ]

  static let folder: String? = {
    let path = "\(ProjectFolder.path)/../shared/examples"
    return FileManager.default.fileExists(atPath: "\(path)/0-minimal.yaml") ? path : nil
  }()

  private let work: TemporaryFolder

  init(name: String, models: Models = .declared) throws {
    let folder = try #require(Self.folder)
    var text = try String(contentsOfFile: "\(folder)/\(name).yaml", encoding: .utf8)
    work = try TemporaryFolder()
    try Self.lay(text, in: work)
    if models == .embedded {
      try WideModel.write(to: "\(work.path)/wide")
      text = Self.embedded(text)
    }
    try work.write(text, to: "workflow.yaml")
  }

  func run(_ command: String...) throws -> Distill.Result {
    let (process, outputs) = try Distill.start(
      command + ["workflow.yaml", "--cache", "\(work.path)/cache"],
      in: work.path
    )
    process.waitUntilExit()
    return Distill.Result(
      status: process.terminationStatus,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }

  /// The messages of errors, without their places.
  static func messages(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.range(of: ": error: ").map { String(line[$0.upperBound...]) }
    }
  }

  private static func embedded(_ text: String) -> String {
    text.replacing(/\{base_url: [^\n]*\}\}/, with: "{embedded: ./wide}")
      .replacing(/\{base_url: [^\n]*\}\n/, with: "{embedded: ./wide}\n")
      .replacing(/embedded: tiny-[a-z]+/, with: "embedded: ./wide")
      .replacing(/(limit|skip): (100|200|400|2000)/) { "\($0.1): 4" }
      .replacing("[50, 100, 200, 400]", with: "[2, 4]")
      .replacing(/\{kind: parse, completions: ([a-z0-9-]+)\}/) {
        "{kind: parse, completions: \($0.1), invalid: keep}"
      }
  }

  /// Puts a file, or a folder, wherever the workflow names one.
  private static func lay(_ text: String, in work: TemporaryFolder) throws {
    let samples = "\(ProjectFolder.path)/workflows/data/samples"
    for match in text.matches(of: /(?:path|file): ([A-Za-z0-9_\/.-]+)/) {
      let path = String(match.1)
      let sample = "\(samples)/\(path.dropFirst("data/".count))"
      let place = "\(work.path)/\(path)"
      guard !FileManager.default.fileExists(atPath: place) else { continue }
      guard path.split(separator: "/").count > 2 || FileManager.default.fileExists(atPath: sample),
        FileManager.default.fileExists(atPath: sample), !path.hasPrefix("data/alpaca"),
        !path.hasPrefix("data/quora")
      else {
        try work.write(try content(of: path), to: path)
        continue
      }
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: place).deletingLastPathComponent().path,
        withIntermediateDirectories: true
      )
      try FileManager.default.copyItem(atPath: sample, toPath: place)
    }
  }

  /// Rows in the form that a file's name promises; those for training differ from those for tests.
  private static func content(of path: String) throws -> String {
    if path.hasSuffix(".yaml") {
      let template = "\(ProjectFolder.path)/workflows/templates/math/vanilla.yaml"
      return try String(contentsOfFile: template, encoding: .utf8)
    }
    if path.hasSuffix("alpaca.json") { return chats { "Name \($0) things that are round." } }
    if path.hasSuffix("quora_chat_data.json") { return talks() }
    let first = path.contains("train") ? 100 : 500
    let sums = (first..<first + 12).map { (question: "What is \($0) plus 3?", answer: $0 + 3) }
    guard path.hasSuffix(".json") else {
      return sums.map { "{\"question\": \"\($0.question)\", \"answer\": \"#### \($0.answer)\"}\n" }
        .joined()
    }
    let rows = sums.enumerated().map { index, sum in
      "{\"iIndex\": \(index), \"sQuestion\": \"\(sum.question)\", \"lSolutions\": [\(sum.answer)]}"
    }
    return "[\(rows.joined(separator: ",\n"))]\n"
  }

  /// More than the 200 conversations that the example takes for its test.
  private static let talkCount = 204

  private static func chats(_ instruction: (Int) -> String) -> String {
    let rows = (0..<talkCount).map {
      "{\"instruction\": \"\(instruction($0))\", \"input\": \"\", \"output\": \"A ball.\"}"
    }
    return "[\(rows.joined(separator: ",\n"))]\n"
  }

  private static func talks() -> String {
    let rows = (0..<talkCount).map {
      "{\"topic\": \"t\($0)\", \"input\": \"A talk.\\n[|Human|] What is \($0)?\\n[|AI|] A number.\\n"
        + "[|Human|] \"}"
    }
    return "[\(rows.joined(separator: ",\n"))]\n"
  }
}

/// The shipped student with room for long prompts, which ends its answers with a sentence: it was never
/// trained on what it is asked, and says what it says.
enum WideModel {
  static func write(to folder: String, positions: Int = 8192) throws {
    let shipped = "\(ProjectFolder.path)/workflows/models/tiny-student"
    try FileManager.default.copyItem(atPath: shipped, toPath: folder)
    var config = try #require(try json("\(folder)/config.json").object)
    let words = try json("\(folder)/tokenizer.json")["model"]?["vocab"]
    // The end of a sentence, and of a line as tokenizers of this family write it.
    let ends = [".", "\u{10A}"].compactMap { words?[$0] }
    config["max_position_embeddings"] = JSON(positions)
    config["eos_token_id"] = .array([try #require(config["eos_token_id"])] + ends)
    try FileManager.default.removeItem(atPath: "\(folder)/config.json")
    try Data(JSON.object(config).prettyText.utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/config.json"))
  }

  private static func json(_ path: String) throws -> JSON {
    try JSON(parsing: Array(Data(contentsOf: URL(fileURLWithPath: path))))
  }
}
