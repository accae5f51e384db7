import Lineage
import Primitives
import Store

/// The page of a crate for people: what ran, from which commit, and what is in the folder.
enum CrateReadme {
  static func text(of run: RecordedRun, _ contents: CrateContents) -> String {
    var lines = [
      "# Run \(escaped(run.id)) of \(escaped(run.workflow.name))",
      "",
      "A Provenance Run Crate, written by distill; `\(CrateMetadata.description)` describes each file "
        + "and how it was made.",
      "",
      "- status: \(escaped(run.status))",
      "- begun: \(Moment(milliseconds: run.startedAt))",
      "- distill \(escaped(run.tool))",
    ]
    if let git = run.git {
      let state = git.isDirty ? ", with inputs that were in no commit" : ""
      lines.append("- commit: \(escaped(git.runCommit ?? git.commit ?? "none"))\(state)")
      if let remote = git.publicRemote { lines.append("- repository: \(escaped(remote))") }
    }
    lines += ["", "| file | SHA-256 |", "|---|---|"]
    for file in [contents.workflow] + contents.inputs.map(\.entry) + contents.outputs {
      let place = file.path.map { "`\($0)`" } ?? "not in the crate: \(escaped(file.title))"
      lines.append("| \(place) | `\(file.object.digest.hex)` |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text from anywhere as plain Markdown in one line: no link, no markup, no HTML.
  static func escaped(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(200) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "@", "=", "/", "-", "+":
        shown.unicodeScalars.append(scalar)
      default: shown += reference(to: scalar)
      }
    }
    return shown
  }
  /// A character by its number; the sign for an unknown one instead of what has no shape or would
  /// reorder the line.
  private static func reference(to scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: " "
    case .format, .surrogate, .privateUse, .unassigned: "&#65533;"
    default: "&#\(scalar.value);"
    }
  }
}
