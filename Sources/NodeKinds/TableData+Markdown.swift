extension TableData {
  /// A GitHub-flavoured Markdown table under its title.
  var markdown: String {
    let text = TableText(self)
    var lines: [String] = []
    if let title { lines += ["**\(Self.escapedMarkdown(title))**", ""] }
    let head = (hasRowNames ? [rowAxis ?? ""] : []) + headings
    lines.append(Self.line(head.map(Self.escapedMarkdown)))
    lines.append(Self.line((hasRowNames ? ["---"] : []) + columns.map { _ in "---:" }))
    for row in rows {
      let name = hasRowNames ? [Self.escapedMarkdown(row.name)] : []
      lines.append(Self.line(name + text.cells(of: row).map(Self.markdown)))
    }
    let notes = text.notes.map(Self.markdown)
    // Each note a paragraph of its own, or they would run together.
    if !notes.isEmpty { lines += [""] + [notes.joined(separator: "\n\n")] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ fields: [String]) -> String {
    "| " + fields.joined(separator: " | ") + " |"
  }

  private static func markdown(_ cell: TableText.Cell?) -> String {
    guard let cell else { return "–" }
    let star = cell.isMarked ? "\\*" : ""
    let value = cell.value + (cell.deviation.map { " ± \($0)" } ?? "") + star
    guard let interval = cell.interval else { return value }
    return "\(value) [\(interval.low), \(interval.high)]"
  }

  private static func markdown(_ note: TableText.Note) -> String {
    switch note {
    case .star: "\\* \(note.text)"
    case .caution(let text): escapedMarkdown(text)
    case .deviation, .interval: note.text
    }
  }

  /// Model and axis names are data: no markup of theirs may act in the table.
  static func escapedMarkdown(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r": result.append(" ")
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "|", "\\", "*", "_", "`", "[", "]", "~", "$":
        result.append("\\")
        result.append(scalar)
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
