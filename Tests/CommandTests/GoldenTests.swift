import Foundation
import TestSupport
import Testing

/// Wrong workflows with the exact messages of `distill check`.
///
/// Each folder of `Tests/Golden` with a `workflow.yaml` is a case: `arguments.txt` holds further
/// arguments, one a line; `expected.txt` what is printed on standard error, with the folder's own
/// path as `<folder>`. `DISTILL_REWRITE_GOLDEN=1` writes the expectations anew; such a run fails if
/// anything changed, so that nobody takes it for a test.
@Suite("Golden messages")
struct GoldenTests {
  @Test("are exactly what check prints", arguments: GoldenCase.all)
  func message(golden: GoldenCase) throws {
    let result = try golden.check()
    #expect(result.output == "" || !result.errors.contains("error:"))
    #expect(result.status == (result.errors.contains("error:") ? 2 : 0))
    guard GoldenCase.rewrites else {
      #expect(result.errors == golden.expected)
      return
    }
    if result.errors != golden.expected {
      try golden.write(result.errors)
      Issue.record("rewrote the expectation of \(golden.name)")
    }
  }

  @Test("are at least sixty, and each of them wrong or warned of")
  func enough() {
    #expect(GoldenCase.all.count >= 60)
    for golden in GoldenCase.all {
      let text = golden.expected ?? ""
      #expect(text.contains("error: ") || text.contains("warning: "), "\(golden.name)")
    }
  }
}

/// One folder of `Tests/Golden`.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let name: String

  static let rewrites = ProcessInfo.processInfo.environment["DISTILL_REWRITE_GOLDEN"] == "1"

  static let all: [GoldenCase] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().map(GoldenCase.init).filter {
      FileManager.default.fileExists(atPath: "\($0.folder)/workflow.yaml")
    }
  }()

  private static let root = "\(ProjectFolder.path)/Tests/Golden"

  private var folder: String { "\(Self.root)/\(name)" }

  var testDescription: String { name }

  var expected: String? { try? String(contentsOfFile: "\(folder)/expected.txt", encoding: .utf8) }

  func write(_ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/expected.txt"))
  }

  /// Checks the workflow as a user would who stands in its folder.
  func check() throws -> (status: Int32, output: String, errors: String) {
    let more = try? String(contentsOfFile: "\(folder)/arguments.txt", encoding: .utf8)
    let store = try TemporaryFolder()
    let arguments =
      ["check", "workflow.yaml", "--cache", "\(store.path)/none"]
      + (more ?? "").split(separator: "\n").map(String.init)
    let (process, outputs) = try Distill.start(arguments, in: folder)
    process.waitUntilExit()
    let errors = try outputs.read("err").replacingOccurrences(of: folder, with: "<folder>")
    return (process.terminationStatus, try outputs.read("out"), errors)
  }
}
