package import Primitives

/// GovReport (Huang and others 2021): a government report, and its summary as the label.
///
/// As the Hugging Face hub has it `report` (or `document`) and `summary`; as L-Eval has it `input`
/// and `outputs`, a list of one.
package enum GovReportReader: RowReader {
  package static let format = "gov-report"
  package static let version = 1
  package static let summary = "GovReport: a report, its reference summary as label"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    var columns = ColumnList(idOf: row)
    if row.has("input") || row.has("outputs") {
      columns.add("document", try row.text("input"))
      let outputs = try row.texts("outputs")
      guard outputs.count == 1 else {
        throw RowProblem(
          "'outputs' in row \(row.number) must hold one summary; found \(outputs.count)"
        )
      }
      columns.add("label", outputs[0])
    } else {
      columns.add("document", try row.text(row.name(among: "report", "document")))
      columns.add("label", try row.optionalText("summary"))
    }
    return columns.columns
  }
}

/// Articles with recorded Chain-of-Density summaries (Adams and others 2023).
///
/// The article is the document, the reference summary (`summary`; on the Hugging Face hub
/// `highlights`) the label; the recorded chain, from sparse to dense, is kept in `summaries`.
package enum ChainOfDensityReader: RowReader {
  package static let format = "chain-of-density"
  package static let version = 1
  package static let summary = "Chain of Density: an article, its reference summary as label"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    var columns = ColumnList(idOf: row)
    columns.add("document", try row.text("article"))
    if row.has("gpt_summary") {
      columns.add("summaries", try recorded(row))
    } else if row.has("prediction") {
      columns.add("summaries", try row.texts("prediction"))
    }
    columns.add("label", try row.optionalText(row.name(among: "summary", "highlights")))
    return columns.columns
  }

  private static func recorded(_ row: PublishedRow) throws(RowProblem) -> [String] {
    guard let steps = try row.value("gpt_summary").array else {
      throw RowProblem("'gpt_summary' in row \(row.number) must be a list of steps")
    }
    var summaries: [String] = []
    for (index, step) in steps.enumerated() {
      guard let text = step["Denser_Summary"]?.string else {
        throw RowProblem(
          "step \(index + 1) of 'gpt_summary' in row \(row.number) has no text 'Denser_Summary'"
        )
      }
      summaries.append(Scalar.trimmed(text))
    }
    return summaries
  }
}
