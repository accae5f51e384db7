extension TableData {
  /// One page without anything from elsewhere: the table, its notes, the differences on the same rows.
  var html: String {
    let text = TableText(self)
    let name = HTMLText.escaped(title ?? "Table")
    var lines = [
      "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<title>\(name)</title>", "<style>\n\(Self.style)\n</style>", "</head>", "<body>", "<main>",
      // What is wide scrolls by itself, and by keyboard too.
      "<div class=\"wide\" role=\"region\" aria-labelledby=\"title\" tabindex=\"0\">", "<table>",
      "<caption id=\"title\">\(name)</caption>", "<thead>",
    ]
    let head = (hasRowNames ? [rowAxis ?? ""] : []) + headings
    lines.append(
      "<tr>\(head.map { "<th scope=\"col\">\(HTMLText.escaped($0))</th>" }.joined())</tr>"
    )
    lines += ["</thead>", "<tbody>"]
    for row in rows {
      let name = hasRowNames ? "<th scope=\"row\">\(HTMLText.escaped(row.name))</th>" : ""
      lines.append("<tr>\(name)\(text.cells(of: row).map(Self.html).joined())</tr>")
    }
    lines += ["</tbody>", "</table>", "</div>"]
    lines += text.notes.map { "<p>\(Self.html($0))</p>" }
    return (lines + pairsHTML + ["</main>", "</body>", "</html>"]).joined(separator: "\n") + "\n"
  }

  private static func html(_ cell: TableText.Cell?) -> String {
    guard let cell else { return "<td><span aria-label=\"no figure\">–</span></td>" }
    let star = cell.isMarked ? "<sup aria-label=\"marked\">*</sup>" : ""
    let value = cell.value + (cell.deviation.map { " ± \($0)" } ?? "") + star
    guard let interval = cell.interval else { return "<td>\(value)</td>" }
    return "<td>\(value) <small>[\(interval.low), \(interval.high)]</small></td>"
  }

  private static func html(_ note: TableText.Note) -> String {
    if case .star = note { return "* \(note.text)" }
    return HTMLText.escaped(note.text)
  }

  private var pairsHTML: [String] {
    guard !pairs.isEmpty else { return [] }
    let head = TablePair.fieldNames.map {
      "<th scope=\"col\">\(HTMLText.escaped($0.replacing("_", with: " ")))</th>"
    }
    let lines = pairs.map { pair in
      "<tr>\(pair.fields.map { "<td>\(HTMLText.escaped($0))</td>" }.joined())</tr>"
    }
    return [
      "<details>", "<summary>Differences on the same rows</summary>",
      "<p>Second less first over the rows that both were scored on, with its 95 % bootstrap interval, "
        + "rows drawn in pairs; p by McNemar's exact test.</p>",
      "<div class=\"wide\" role=\"region\" aria-label=\"Differences\" tabindex=\"0\">", "<table>",
      "<thead>", "<tr>\(head.joined())</tr>", "</thead>", "<tbody>",
    ] + lines + ["</tbody>", "</table>", "</div>", "</details>"]
  }

  private static let style = """
    :root { color-scheme: light dark; }
    body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; border-block: 2px solid; font-variant-numeric: tabular-nums; }
    caption { font-weight: 600; padding-block: .5rem; text-align: start; }
    th, td { padding: .25rem .75rem; text-align: end; vertical-align: baseline; }
    th[scope=row], th:first-child, details td { text-align: start; }
    thead th { border-block-end: 1px solid; }
    tbody tr:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
    small { white-space: nowrap; }
    @media print { .wide { overflow: visible; } }
    """
}

/// Names as HTML text.
enum HTMLText {
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
