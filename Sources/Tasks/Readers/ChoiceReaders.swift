package import Primitives

/// ARC (Clark and others 2018), Easy and Challenge: 3 to 5 choices; some rows label theirs 1 to 4.
package enum ARCReader: RowReader {
  package static let format = "arc"
  package static let version = 1
  package static let summary = "ARC: choices, labels 1 to 4 read as letters, any published layout"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try ChoiceColumns(try PublishedRow(row)).list.columns
  }
}

/// CommonSense QA (Talmor and others 2019): five choices about a concept.
package enum CommonsenseQAReader: RowReader {
  package static let format = "commonsense-qa"
  package static let version = 1
  package static let summary = "CommonSense QA: five choices, any published layout"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    var columns = try ChoiceColumns(try PublishedRow(row))
    try columns.addConcept()
    return columns.list.columns
  }
}

/// RiddleSense (Lin and others 2021): five choices, in the layout of CommonSense QA.
package enum RiddleSenseReader: RowReader {
  package static let format = "riddlesense"
  package static let version = 1
  package static let summary = "RiddleSense: five choices, in the layouts of CommonSense QA"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try CommonsenseQAReader.columns(row, header: header)
  }
}

/// QASC (Khot and others 2020): eight choices, and the facts that lead to the answer.
package enum QASCReader: RowReader {
  package static let format = "qasc"
  package static let version = 1
  package static let summary = "QASC: eight choices; the answer by label or by text"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    var columns = try ChoiceColumns(try PublishedRow(row))
    try columns.addFacts()
    return columns.list.columns
  }
}

/// The columns that the readers of multiple choice share.
private struct ChoiceColumns {
  private let row: PublishedRow
  private(set) var list: ColumnList

  init(_ row: PublishedRow) throws(RowProblem) {
    let choice = try ChoiceRow(row)
    self.row = row
    list = ColumnList(idOf: row)
    list.add("question", choice.question)
    list.add("choices", choice.choices)
    list.add("label", choice.letter)
  }

  mutating func addConcept() throws(RowProblem) {
    let inner = row.object["question"]?.object.map { PublishedRow($0, number: row.number) }
    list.add("concept", try (inner ?? row).optionalText("question_concept"))
  }

  mutating func addFacts() throws(RowProblem) {
    if row.has("facts") {
      list.add("facts", try row.texts("facts"))
    } else if row.has("fact1") {
      var facts: [String] = []
      for name in ["fact1", "fact2"] {
        if let fact = try row.optionalText(name) { facts.append(fact) }
      }
      list.add("facts", facts)
    }
  }
}
