import Engine
import Execution
import Foundation
import Primitives
import Store
import Workflow

/// Tables at the end of a run: saved where the workflow says, printed to standard output.
enum TableOutput {
  /// Writes every table with `save:` beside the workflow.
  static func save(
    _ outcomes: [InstanceOutcome],
    _ workflow: CheckedWorkflow,
    _ store: Store
  ) async throws {
    for outcome in outcomes where outcome.kind == "table" {
      guard let save = workflow.expansion[outcome.id]?.settings.text("save"),
        let yield = outcome.yield
      else { continue }
      for (part, ending) in [(Part.markdown, "md"), (Part.csv, "csv")] {
        guard let object = yield[part] else { continue }
        let bytes = try await store.objects.read(object)
        try write(bytes, to: "\(Session.folder(of: workflow))/\(save).\(ending)")
      }
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: url, options: .atomic)
  }

  /// Prints the tables; a workflow without one prints every score.
  static func print(
    _ outcomes: [InstanceOutcome],
    _ workflow: CheckedWorkflow,
    _ store: Store
  ) async throws {
    let tables = outcomes.filter { $0.kind == "table" }
    for table in tables {
      guard let object = table.yield?[Part.markdown] else { continue }
      Terminal.output(String(decoding: try await store.objects.read(object), as: UTF8.self))
    }
    guard tables.isEmpty else { return }
    for outcome in outcomes where outcome.kind == "evaluate" && outcome.yield != nil {
      Terminal.output("\(outcome.id): \(scores(outcome.facts))")
    }
  }

  private static func scores(_ facts: JSON) -> String {
    let figures = facts.object?.members.filter { $0.key.contains(".") } ?? []
    return figures.map { figure in
      "\(figure.key) \(figure.value.number.map { String(format: "%.4f", $0) } ?? "–")"
    }.joined(separator: ", ")
  }
}
