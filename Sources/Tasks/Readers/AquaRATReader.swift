package import Primitives

/// AQUA-RAT (Ling and others 2017): five options, each with its own prefix (`B)`), and a rationale.
///
/// JSON Lines under the name `.json`. The prefixes are dropped; in a few rows two options have the
/// same text, so only the letter says which one is right.
package enum AquaRATReader: RowReader {
  package static let format = "aqua-rat"
  package static let version = 1
  package static let summary = "AQUA-RAT: five options without their prefixes, and the rationale"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    let options = try row.texts("options")
    guard (2...26).contains(options.count) else {
      throw RowProblem("row \(row.number) must have 2 to 26 options; found \(options.count)")
    }
    let label = try row.text("correct")
    guard options.indices.contains(where: { UTF8Order.equal(Letters.letter($0), label) }) else {
      throw RowProblem(
        "'correct' in row \(row.number) must be a letter from A to "
          + "\(Letters.letter(options.count - 1)); found '\(label)'"
      )
    }
    var columns = ColumnList(idOf: row)
    columns.add("question", try row.text("question"))
    columns.add("choices", options.enumerated().map { bare($1, index: $0) })
    columns.add("rationale", try row.optionalText("rationale"))
    columns.add("label", label)
    return columns.columns
  }

  /// An option without its own letter in front: `B)6(√3 + √2)` is `6(√3 + √2)`.
  private static func bare(_ option: String, index: Int) -> String {
    let letter = Letters.letter(index)
    for prefix in ["\(letter))", "(\(letter))"]
    where option.utf8.starts(with: prefix.utf8) {
      return Scalar.trimmed(
        String(decoding: option.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
      )
    }
    return option
  }
}
