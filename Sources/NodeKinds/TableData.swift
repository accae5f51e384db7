import Primitives

/// One cell: a figure, or the mean of several.
struct TableCell: Sendable {
  struct Figure: Hashable, Sendable {
    let value: Double
    /// Bounds of the 95 % interval, where the metric gives them.
    let low: Double?
    let high: Double?
    /// Rows that the figure stands on.
    let n: Int
  }

  let figures: [Figure]
  let isMarked: Bool

  var mean: Double? {
    figures.isEmpty ? nil : figures.reduce(0) { $0 + $1.value } / Double(figures.count)
  }

  /// The sample standard deviation; nil for fewer than two figures.
  var deviation: Double? {
    guard let mean, figures.count > 1 else { return nil }
    let squares = figures.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    return (squares / Double(figures.count - 1)).squareRoot()
  }
}

/// A table ready to be written in any form.
struct TableData: Sendable {
  struct Row: Sendable {
    let name: String
    let cells: [TableCell]
  }

  let title: String?
  let rowAxis: String?
  let columns: [String]
  let values: [String]
  let rows: [Row]

  var json: JSON {
    [
      "title": JSON(title), "rows_axis": JSON(rowAxis),
      "columns": .array(columns.map(JSON.string)), "values": .array(values.map(JSON.string)),
      "rows": .array(
        rows.map { row in
          ["name": .string(row.name), "cells": .array(row.cells.map(Self.json))]
        }
      ),
    ]
  }

  private static func json(_ cell: TableCell) -> JSON {
    guard let mean = cell.mean else { return .null }
    var members: [(key: String, value: JSON)] = [
      ("value", .number(mean)), ("marked", .bool(cell.isMarked)),
      ("runs", JSON(cell.figures.count)),
    ]
    if let deviation = cell.deviation { members.append(("deviation", .number(deviation))) }
    if cell.figures.count == 1, let only = cell.figures.first {
      if let low = only.low { members.append(("low", .number(low))) }
      if let high = only.high { members.append(("high", .number(high))) }
      members.append(("n", JSON(only.n)))
    }
    return .object(JSONObject(members))
  }
}

extension TableData {
  /// A GitHub-flavoured Markdown table under its title.
  var markdown: String {
    var lines: [String] = []
    if let title { lines += ["**\(Self.escaped(title))**", ""] }
    let head = (hasRowNames ? [rowAxis ?? ""] : []) + columns
    lines.append("| " + head.map(Self.escaped).joined(separator: " | ") + " |")
    let rules = (hasRowNames ? ["---"] : []) + columns.map { _ in "---:" }
    lines.append("| " + rules.joined(separator: " | ") + " |")
    for row in rows {
      let name = hasRowNames ? [Self.escaped(row.name)] : []
      lines.append("| " + (name + row.cells.map(text)).joined(separator: " | ") + " |")
    }
    let notes = footnotes
    if !notes.isEmpty { lines += [""] + notes }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Comma-separated values (RFC 4180) with full precision: one line for each cell's figures.
  var csv: String {
    var lines = [["row", "column", "value", "deviation", "low", "high", "n", "marked"]]
    for row in rows {
      for (column, cell) in zip(columns, row.cells) {
        let only = cell.figures.count == 1 ? cell.figures.first : nil
        lines.append([
          row.name, column, Self.plain(cell.mean), Self.plain(cell.deviation),
          Self.plain(only?.low), Self.plain(only?.high), only.map { String($0.n) } ?? "",
          cell.isMarked ? "*" : "",
        ])
      }
    }
    return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private var hasRowNames: Bool { rowAxis != nil }

  private var footnotes: [String] {
    var notes: [String] = []
    let cells = rows.flatMap(\.cells)
    if cells.contains(where: { $0.deviation != nil }) {
      notes.append("Mean ± standard deviation.")
    } else if cells.contains(where: { $0.figures.first?.low != nil }) {
      notes.append("In brackets: 95 % bootstrap interval.")
    }
    if cells.contains(where: \.isMarked) {
      notes.append("\\* above the score it is marked against.")
    }
    return notes
  }

  /// Accuracies as percentages with two decimals, as the paper prints them; other figures plain.
  private func text(_ cell: TableCell) -> String {
    guard let mean = cell.mean else { return "–" }
    let isShare = values.allSatisfy { $0.hasPrefix("accuracy") || $0.hasPrefix("agreement") }
    let scale = isShare ? 100.0 : 1.0
    let star = cell.isMarked ? "\\*" : ""
    if let deviation = cell.deviation {
      return "\(Self.fixed(mean * scale)) ± \(Self.fixed(deviation * scale))\(star)"
    }
    guard let low = cell.figures.first?.low, let high = cell.figures.first?.high else {
      return Self.fixed(mean * scale) + star
    }
    return
      "\(Self.fixed(mean * scale))\(star) [\(Self.fixed(low * scale)), \(Self.fixed(high * scale))]"
  }

  /// Two decimals, rounded half away from zero.
  static func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let digits = String(abs(hundredths) % 100)
    return "\(sign)\(abs(hundredths) / 100).\(digits.count == 1 ? "0" : "")\(digits)"
  }

  private static func plain(_ value: Double?) -> String { value.map { $0.description } ?? "" }

  /// Model and axis names are data: no markup of theirs may act in the table.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r": result.append(" ")
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "|", "\\", "*", "_", "`", "[", "]", "~":
        result.append("\\")
        result.append(scalar)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Quoted for CSV (RFC 4180); a text that a spreadsheet would take for a formula gets an
  /// apostrophe.
  ///
  /// It goes by scalars: Swift takes a carriage return and line feed, or a quote and an accent
  /// behind it, for one character.
  private static func quoted(_ text: String) -> String {
    let isFormula =
      text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let scalars = (isFormula && Double(text) == nil ? "'" + text : text).unicodeScalars
    let special: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
    guard scalars.contains(where: special.contains) else { return String(scalars) }
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
