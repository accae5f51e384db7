extension TableData {
  /// Comma-separated values (RFC 4180) with full precision: one line for each cell's figures.
  var csv: String {
    let head = ["row", "column", "value", "deviation", "low", "high", "n", "marked"]
    let lines = rows.flatMap { row in
      zip(headings, row.cells).map { heading, cell in
        [
          row.name, heading, CSVText.number(cell.mean), CSVText.number(cell.deviation),
          CSVText.number(cell.interval?.low), CSVText.number(cell.interval?.high),
          cell.only.map { String($0.n) } ?? "", cell.isMarked ? "*" : "",
        ]
      }
    }
    return CSVText.lines([head] + lines)
  }

  /// The differences between columns on the same rows, one a line.
  var pairsCSV: String {
    CSVText.lines([TablePair.fieldNames] + pairs.map(\.fields))
  }
}

/// Fields and lines of CSV (RFC 4180).
enum CSVText {
  static func lines(_ lines: [[String]]) -> String {
    lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  static func number(_ value: Double?) -> String { value.map { $0.description } ?? "" }

  /// Quoted where it must be, and where it begins like a formula: the bytes stay what they are, since
  /// a file for programs is no place to change names, and quotes keep a field one field.
  ///
  /// It goes by scalars: Swift takes a carriage return and line feed, or a quote and an accent
  /// behind it, for one character.
  private static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let special: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
    let isFormula = scalars.first.map { "=+-@\t".unicodeScalars.contains($0) } ?? false
    guard scalars.contains(where: special.contains) || (isFormula && Double(text) == nil) else {
      return text
    }
    var result = String.UnicodeScalarView()
    result.append("\"")
    for scalar in scalars {
      if scalar == "\"" { result.append("\"") }
      result.append(scalar)
    }
    result.append("\"")
    return String(result)
  }
}
