import Foundation
import Primitives

/// The workflow that runs in repositories: rows, answers to them, and a file that is read.
enum PinnedWorkflow {
  static let rows = (0..<3).map { number -> String in
    let row: JSON = [
      "id": .string("row-\(number)"), "question": .string("What is \(number) plus 4?"),
      "label": .string("\(number + 4)"),
    ]
    return row.compactText + "\n"
  }
  .joined()

  /// `identity` keeps answers of one repository out of another.
  static func text(_ url: String, _ identity: String) -> String {
    """
    workflow: pinned
    models:
      teacher:
        base_url: \(url)
        model: toll
        revision: "1"
        identity: \(identity)
        \(Project.price)
    nodes:
      rows: {kind: dataset, format: jsonl, path: data/rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      copy:
        kind: command
        shell: 'cat "$IN" > out'
        inputs: {IN: {path: notes.txt}}
        outputs: {out: out}

    """
  }
}
