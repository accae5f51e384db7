import Primitives

/// A table ready to be written in any form.
struct TableData: Sendable {
  struct Row: Sendable {
    let name: String
    let cells: [TableCell]
  }

  struct Column: Hashable, Sendable {
    let heading: String
    let value: TableValue
  }

  let title: String?
  let rowAxis: String?
  let columns: [Column]
  let rows: [Row]
  /// What a reader must know to compare the columns: other rows, other prompts.
  let cautions: [String]
  /// Differences between columns on the rows that both were scored on.
  let pairs: [TablePair]

  /// The values shown, each once.
  var values: [TableValue] {
    var values: [TableValue] = []
    for column in columns where !values.contains(column.value) { values.append(column.value) }
    return values
  }

  /// The headings; where several values are shown each says which is its own.
  var headings: [String] {
    let hasOneValue = values.count <= 1
    return columns.map { hasOneValue ? $0.heading : "\($0.heading) \($0.value.word)" }
  }

  var hasRowNames: Bool { rowAxis != nil }

  var json: JSON {
    [
      "title": JSON(title), "rows_axis": JSON(rowAxis),
      "columns": .array(headings.map(JSON.string)),
      "values": .array(values.map { .string($0.name) }),
      "rows": .array(
        rows.map { row in
          ["name": .string(row.name), "cells": .array(row.cells.map(Self.json))]
        }
      ),
      "cautions": .array(cautions.map(JSON.string)), "pairs": .array(pairs.map(\.json)),
    ]
  }

  private static func json(_ cell: TableCell) -> JSON {
    guard let mean = cell.mean else { return .null }
    var members: [(key: String, value: JSON)] = [
      ("value", .number(mean)), ("marked", .bool(cell.isMarked)),
      ("runs", JSON(cell.figures.count)),
    ]
    if let deviation = cell.deviation { members.append(("deviation", .number(deviation))) }
    if let interval = cell.interval {
      members += [("low", .number(interval.low)), ("high", .number(interval.high))]
    }
    if let only = cell.only { members.append(("n", JSON(only.n))) }
    return .object(JSONObject(members))
  }
}
