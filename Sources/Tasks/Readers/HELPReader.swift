package import Primitives

/// HELP (Yanaka and others 2019): entailment or neutral, never contradiction.
///
/// As its authors publish it a table without quoting, whose first header cell is empty: the premise
/// is `ori_sentence`, the hypothesis `new_sentence`. As LogiEval has it chat messages, the last of
/// which asks `Premise: … Hypothesis: … Answer:`, with the answer in `ideal`. Rows go by their
/// numbers: the numbers in the table's first column are those of another file.
package enum HELPReader: RowReader {
  package static let format = "help"
  package static let version = 1
  package static let summary = "HELP: its tables without quoting, or LogiEval's chat messages"

  private static let labels = InferenceLabels(
    [InferenceLabels.entailment, InferenceLabels.neutral],
    codes: Array(InferenceLabels.letters.prefix(2))
  )

  package static func form(of start: ArraySlice<UInt8>) -> RowForm {
    let first = start.first { !$0.isJSONSpace }
    let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    return isJSON ? .json(start) : .table
  }

  package static func header(_ row: RowText) throws(RowProblem) -> [String] {
    try TSVReader.header(row)
  }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    guard !header.isEmpty else { return try chat(try PublishedRow(row)) }
    let row = PublishedRow(try TSVReader.columns(row, header: header), number: row.number)
    return try columns(
      premise: row.text("ori_sentence"),
      hypothesis: row.text("new_sentence"),
      label: labels.label("gold_label", of: row)
    )
  }

  private static func columns(premise: String, hypothesis: String, label: String?) -> JSONObject {
    var columns = ColumnList()
    columns.add("premise", premise)
    columns.add("hypothesis", hypothesis)
    columns.add("label", label)
    return columns.columns
  }

  /// The row that the last message asks about; the ones before it are instructions and an example.
  private static func chat(_ row: PublishedRow) throws(RowProblem) -> JSONObject {
    let messages = try row.value("input").array ?? []
    guard let text = messages.last?["content"]?.string,
      let parts = parts(of: text, marks: ["Premise:", "\nHypothesis:", "\nAnswer:"])
    else {
      throw RowProblem(
        "the last message of 'input' in row \(row.number) must ask "
          + "'Premise: … Hypothesis: … Answer:', each on a line of its own"
      )
    }
    return try columns(
      premise: parts[1],
      hypothesis: parts[2],
      label: labels.label("ideal", of: row)
    )
  }

  /// What stands before, between and behind marks that occur once each, in this order.
  private static func parts(of text: String, marks: [String]) -> [String]? {
    let bytes = Array(text.utf8)
    var (parts, start): ([String], Int) = ([], 0)
    for mark in marks {
      let found = ByteSearch.ranges(of: mark, in: bytes[...])
      guard found.count == 1, found[0].lowerBound >= start else { return nil }
      parts.append(
        Scalar.trimmed(String(decoding: bytes[start..<found[0].lowerBound], as: UTF8.self))
      )
      start = found[0].upperBound
    }
    parts.append(Scalar.trimmed(String(decoding: bytes[start...], as: UTF8.self)))
    return parts[1].isEmpty || parts[2].isEmpty ? nil : parts
  }
}
