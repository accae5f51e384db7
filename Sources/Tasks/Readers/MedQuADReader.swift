/// MedQuAD (Ben Abacha and Demner-Fushman 2019): questions on health with answers, in XML.
///
/// A file is a `Document` about one `Focus` with any number of `QAPair`. The numbers of documents
/// begin anew in every source, so an id is the source and the question's id. Answers are
/// indented text over many lines: runs of white space in a line become one space, and of empty
/// lines one is kept. Some are empty, where the source forbade copying: those have no label.
package enum MedQuADReader: DocumentReader {
  package static let format = "medquad"
  package static let version = 1
  package static let summary = "MedQuAD: its XML, one file or the folder; one turn for a question"
  package static let sources: SourceKinds = [.file, .folder]

  package static func isDocument(_ name: String) -> Bool { hasEnding(".xml", name) }

  package static func rows(of document: DocumentText) throws(RowProblem) -> [DocumentRow] {
    let root = try StrictXML.parse(document.bytes)
    guard root.name == "Document" else {
      throw RowProblem(
        "the document must be a 'Document' of MedQuAD; found '\(root.name)'",
        at: root.offset
      )
    }
    let source = try attribute("source", of: root)
    let focus = root.children(named: "Focus").first.map { tidy($0.text) }
    var rows: [DocumentRow] = []
    for list in root.children(named: "QAPairs") {
      for pair in list.children(named: "QAPair") {
        rows.append(try row(pair, source: source, focus: focus))
      }
    }
    return rows
  }

  private static func row(
    _ pair: XMLElement,
    source: String,
    focus: String?
  ) throws(RowProblem) -> DocumentRow {
    let question = try only("Question", of: pair)
    let answer = tidy(try only("Answer", of: pair).text)
    let text = tidy(question.text)
    guard !text.isEmpty else { throw RowProblem("the question is empty", at: question.offset) }
    var columns = ColumnList()
    columns.add("id", source + "/" + (try attribute("qid", of: question)))
    columns.add("turns", [text])
    columns.add("question", text)
    columns.add("focus", focus)
    columns.add("kind", try attribute("qtype", of: question))
    columns.add("label", answer.isEmpty ? nil : answer)
    return DocumentRow(columns: columns.columns, offset: pair.offset)
  }

  private static func only(
    _ name: String,
    of pair: XMLElement
  ) throws(RowProblem) -> XMLElement {
    let found = pair.children(named: name)
    guard let element = found.first, found.count == 1 else {
      throw RowProblem(
        "a '\(pair.name)' must have one '\(name)'; found \(found.count)",
        at: pair.offset
      )
    }
    guard let inner = element.children.first else { return element }
    throw RowProblem("'\(name)' must hold text; found an element '\(inner.name)'", at: inner.offset)
  }

  private static func attribute(
    _ name: String,
    of element: XMLElement
  ) throws(RowProblem) -> String {
    guard let value = element.attributes[name], !value.isEmpty else {
      throw RowProblem("'\(element.name)' has no attribute '\(name)'", at: element.offset)
    }
    return value
  }

  /// A text without the indentation of its XML.
  private static func tidy(_ text: String) -> String {
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split { $0.isWhitespace }
      if !words.isEmpty || lines.last?.isEmpty == false {
        lines.append(words.joined(separator: " "))
      }
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}
