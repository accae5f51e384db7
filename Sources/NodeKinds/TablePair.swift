import Primitives
import Tasks

/// How much one column of a table is above another, over the rows that both were scored on.
struct TablePair: Sendable {
  /// The table's row.
  let row: String
  /// Headings of the two columns.
  let first: String
  let second: String
  let figure: PairedFigure

  static let fieldNames = [
    "row", "value", "first", "second", "n", "first_value", "second_value", "difference", "low",
    "high", "p",
  ]

  /// The fields of `fieldNames`.
  var fields: [String] {
    [
      row, figure.name, first, second, String(figure.n), CSVText.number(figure.first),
      CSVText.number(figure.second), CSVText.number(figure.difference.value),
      CSVText.number(figure.difference.low), CSVText.number(figure.difference.high),
      CSVText.number(figure.mcNemar?.pValue),
    ]
  }

  var json: JSON {
    [
      "row": .string(row), "value": .string(figure.name), "first": .string(first),
      "second": .string(second), "n": JSON(figure.n),
      "difference": .number(figure.difference.value), "low": .number(figure.difference.low),
      "high": .number(figure.difference.high),
      "p": figure.mcNemar.map { .number($0.pValue) } ?? .null,
    ]
  }
}
