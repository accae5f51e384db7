package import Primitives

/// Alpaca (Taori and others 2023): an instruction, an input that may be empty, and the answer.
///
/// A conversation of one turn: the instruction, and below it the input where there is one. The
/// outputs that AlpacaEval records have the same columns, without an input.
package enum AlpacaReader: RowReader {
  package static let format = "alpaca"
  package static let version = 1
  package static let summary = "Alpaca: one turn of instruction and input, the output as label"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    let instruction = try row.text("instruction")
    let input = try row.optionalText("input")
    var columns = ColumnList(idOf: row)
    columns.add("turns", [instruction + (input.map { "\n\n" + $0 } ?? "")])
    columns.add("instruction", instruction)
    columns.add("input", input ?? "")
    columns.add("label", try row.optionalText("output"))
    return columns.columns
  }
}

/// Baize's self-chat (Xu and others 2023): a seed question as `topic`, a conversation as `input`.
///
/// The conversation is one text: a first line of introduction, then turns that begin with
/// `[|Human|]` and `[|AI|]`, and at the end an empty turn of the human. The label is the last
/// answer; where the last question has none there is no label.
package enum BaizeReader: RowReader {
  package static let format = "baize"
  package static let version = 1
  package static let summary = "Baize: the turns of a conversation marked [|Human|] and [|AI|]"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    let (turns, answers) = try conversation(row)
    var columns = ColumnList(idOf: row)
    columns.add("turns", turns)
    columns.add("answers", answers)
    columns.add("topic", try row.optionalText("topic"))
    columns.add("label", answers.count == turns.count ? answers.last : nil)
    return columns.columns
  }

  private static func conversation(
    _ row: PublishedRow
  ) throws(RowProblem) -> (turns: [String], answers: [String]) {
    var speeches = speeches(in: try row.text("input"))
    // The empty turn at the end is where the recorded conversation would go on.
    if let last = speeches.last, last.isHuman, last.text.isEmpty { speeches.removeLast() }
    guard !speeches.isEmpty else {
      throw RowProblem("'input' in row \(row.number) has no turn that begins with '[|Human|]'")
    }
    for (index, speech) in speeches.enumerated() {
      let wanted = index % 2 == 0
      guard speech.isHuman == wanted, !speech.text.isEmpty else {
        throw RowProblem(
          "turn \(index + 1) of 'input' in row \(row.number) "
            + (speech.isHuman == wanted
              ? "is empty"
              : "must begin with '\(wanted ? human : assistant)'; the two take turns")
        )
      }
    }
    return (speeches.filter(\.isHuman).map(\.text), speeches.filter { !$0.isHuman }.map(\.text))
  }

  private static let human = "[|Human|]"
  private static let assistant = "[|AI|]"

  /// What is said by whom; a mark counts at the start of a line only.
  private static func speeches(in text: String) -> [(isHuman: Bool, text: String)] {
    var speeches: [(isHuman: Bool, lines: [Substring])] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let mark = [human, assistant].first { line.utf8.starts(with: $0.utf8) }
      if let mark {
        speeches.append((mark == human, [line.dropFirst(mark.count)]))
      } else if !speeches.isEmpty {
        speeches[speeches.count - 1].lines.append(line)
      }
    }
    return speeches.map { ($0.isHuman, Scalar.trimmed($0.lines.joined(separator: "\n"))) }
  }
}
