extension TableData {
  /// A LaTeX table with the rules of the package booktabs.
  var latex: String {
    let text = TableText(self)
    var lines = ["% \\usepackage{booktabs}", "\\begin{table}", "  \\centering"]
    if let title { lines.append("  \\caption{\(LaTeXText.escaped(title))}") }
    let alignment = (hasRowNames ? "l" : "") + String(repeating: "r", count: columns.count)
    lines += ["  \\begin{tabular}{\(alignment)}", "    \\toprule"]
    let head = (hasRowNames ? [rowAxis ?? ""] : []) + headings
    lines += [Self.latexLine(head.map(LaTeXText.escaped)), "    \\midrule"]
    for row in rows {
      let name = hasRowNames ? [LaTeXText.escaped(row.name)] : []
      lines.append(Self.latexLine(name + text.cells(of: row).map(Self.latex)))
    }
    lines += ["    \\bottomrule", "  \\end{tabular}"]
    let notes = text.notes.map(Self.latex)
    if !notes.isEmpty {
      lines += ["", "  \\smallskip", "  {\\footnotesize", "  " + notes.joined(separator: "\n\n  ")]
      lines.append("  \\par}")
    }
    return (lines + ["\\end{table}"]).joined(separator: "\n") + "\n"
  }

  private static func latexLine(_ fields: [String]) -> String {
    "    " + fields.joined(separator: " & ") + " \\\\"
  }

  private static func latex(_ cell: TableText.Cell?) -> String {
    guard let cell else { return "--" }
    let star = cell.isMarked ? "^{*}" : ""
    let value = cell.value + (cell.deviation.map { " \\pm \($0)" } ?? "") + star
    guard let interval = cell.interval else { return "$\(value)$" }
    return "$\(value)$ {\\footnotesize [$\(interval.low)$, $\(interval.high)$]}"
  }

  private static func latex(_ note: TableText.Note) -> String {
    switch note {
    case .deviation: "Mean $\\pm$ standard deviation."
    case .interval: "In brackets: 95\\,\\% bootstrap interval."
    case .star: "$^{*}$ \(note.text)"
    case .caution(let text): LaTeXText.escaped(text)
    }
  }
}

/// Names as LaTeX text.
enum LaTeXText {
  /// No character of a name acts: not the ten that LaTeX keeps for itself, nor brackets, stars and
  /// hyphens, which act behind `\\` and in ligatures.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.map(escaped).joined()
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&", "%", "$", "#", "_", "{", "}": "\\\(scalar)"
    case "~": "\\textasciitilde{}"
    case "^": "\\textasciicircum{}"
    case "\\": "\\textbackslash{}"
    case "<": "\\textless{}"
    case ">": "\\textgreater{}"
    case "|": "\\textbar{}"
    case "`": "\\textasciigrave{}"
    // No macro for it is there in every font encoding.
    case "\"": "{\\char34}"
    case "[", "]", "*", "-": "{\(scalar)}"
    case "±": "$\\pm$"
    default: scalar.value < 0x20 || scalar.value == 0x7F ? " " : String(scalar)
    }
  }
}
