import Diagnostics
import Engine
import Execution
import Foundation
import Primitives
import Store
import Workflow

/// Tables at the end of a run: saved where the workflow says, printed to standard output.
enum TableOutput {
  /// Ends with the usage code if a table could not be saved where the workflow says, before any call.
  static func check(_ workflow: CheckedWorkflow, _ common: CommonOptions) throws {
    let folder = OutputFolder(path: Session.folder(of: workflow))
    var problems: [Problem] = []
    for instance in workflow.expansion.instances where instance.kind.name == "table" {
      guard let save = instance.settings.text("save") else { continue }
      do {
        try folder.check("\(save).md")
      } catch {
        problems.append(
          Problem(
            "'\(instance.id)' cannot be saved: \(error)",
            at: instance.settings["save"]?.location ?? instance.location,
            hint: "what is saved stays inside the workflow's folder; name a folder that is none of "
              + "another place"
          )
        )
      }
    }
    guard !problems.isEmpty else { return }
    ProblemOutput.show(problems, common)
    throw ExitStatus.usage
  }

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
      for (part, ending) in [
        (Part.markdown, "md"), (Part.csv, "csv"), (Part.latex, "tex"), (Part.html, "html"),
        (Part.pairs, Part.pairs),
      ] {
        guard let object = yield[part] else { continue }
        let bytes = try await store.objects.read(object)
        try OutputFolder(path: Session.folder(of: workflow)).write(bytes, to: "\(save).\(ending)")
      }
    }
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
