import Diagnostics
import Testing
import Workflow

/// Checks a workflow text as if it lay in `/w`, beside `train.jsonl` and `folder/`.
struct Checked {
  let text: String
  var set: [String: String] = [:]

  private static let loader = WorkflowLoader(
    language: TestKinds.language,
    templates: { _ in ["math/cot", "math/vanilla"] },
    shippedModels: ["tiny-student", "tiny-teacher"],
    files: FileLookup(
      kind: { path in
        ["/w/train.jsonl", "/elsewhere/data.csv"].contains(path)
          ? .file : path == "/w/folder" ? .folder : nil
      },
      names: { $0 == "/w" ? ["folder", "train.jsonl"] : [] }
    )
  )

  init(_ text: String, set: [String: String] = [:]) {
    self.text = text
    self.set = set
  }

  /// The workflow, which must be without errors.
  func workflow() throws(Problems) -> CheckedWorkflow {
    try Self.loader.load(Array(text.utf8), path: "/w/plan.yaml", set: set)
  }

  /// What is thrown, or else the warnings.
  var problems: [Problem] {
    do throws(Problems) { return try workflow().warnings } catch { return error.all }
  }

  /// The first line of each problem with its place, `line:column-end message`.
  var summary: [String] {
    problems.map { problem in
      guard let place = problem.location else { return problem.message }
      return "\(place.line):\(place.column)-\(place.column + place.length) \(problem.message)"
    }
  }

  /// The whole printed text.
  var printed: String {
    ProblemPrinter { _ in Array(text.utf8) }.text(of: problems)
  }
}

extension CheckedWorkflow {
  var ids: [String] { expansion.instances.map(\.id.text) }

  func instance(_ id: String) throws -> Instance {
    try #require(expansion[InstanceID(id)], "there is no instance '\(id)' among \(ids)")
  }
}
