package import Primitives

/// ANLI (Nie and others 2020): JSON Lines with integers, words or letters for labels.
///
/// The authors call the premise `context`, the Hugging Face hub `premise`; the annotator's `reason`
/// is kept. Integers are 0 entailment, 1 neutral, 2 contradiction.
package enum ANLIReader: RowReader {
  package static let format = "anli"
  package static let version = 1
  package static let summary = "ANLI: premise and hypothesis; labels as words, letters or 0 1 2"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    var columns = ColumnList(idOf: row, row.name(among: "uid", "id"))
    columns.add("premise", try row.text(row.name(among: "premise", "context")))
    columns.add("hypothesis", try row.text("hypothesis"))
    columns.add("reason", try row.optionalText("reason"))
    let labels = InferenceLabels(codes: InferenceLabels.letters + InferenceLabels.numbers)
    columns.add("label", try labels.label("label", of: row))
    return columns.columns
  }
}

/// ConjNLI (Saha and others 2020): tab-separated with a byte order mark; the test set has no labels.
package enum ConjNLIReader: RowReader {
  package static let format = "conjnli"
  package static let version = 1
  package static let summary = "ConjNLI: tab-separated without quoting; the test set has no labels"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .table }

  package static func header(_ row: RowText) throws(RowProblem) -> [String] {
    try TSVReader.header(row)
  }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = PublishedRow(try TSVReader.columns(row, header: header), number: row.number)
    var columns = ColumnList()
    columns.add("premise", try row.text("Premise"))
    columns.add("hypothesis", try row.text("Hypothesis"))
    columns.add("label", try InferenceLabels().label("Label", of: row))
    return columns.columns
  }
}

/// ConTRoL (Liu and others 2021): long premises, labels `e`, `n` and `c`.
///
/// Rows go by their numbers: the set's own `uid` occurs twice in the test part.
package enum ConTRoLReader: RowReader {
  package static let format = "control"
  package static let version = 1
  package static let summary = "ConTRoL: long premises; labels e, n, c; rows go by their numbers"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    var columns = ColumnList()
    columns.add("premise", try row.text("premise"))
    columns.add("hypothesis", try row.text("hypothesis"))
    let labels = InferenceLabels(codes: InferenceLabels.letters)
    columns.add("label", try labels.label("label", of: row))
    return columns.columns
  }
}
