/// One line of a source with the place in it that is meant: what stands under a message.
struct Excerpt {
  /// The line as a terminal can show it.
  let text: String
  /// Columns before the caret.
  let indent: Int
  /// Columns under the token; at least 1.
  let width: Int

  /// Columns of a line that are shown; of a longer line only what stands around the token.
  private static let widest = 160
  /// Scalars kept before the token in a line that is cut.
  private static let lead = 40

  /// Cuts a line to what is shown of it.
  ///
  /// - Parameters:
  ///   - line: The source's line.
  ///   - column: Where the token begins, in scalars from 1.
  ///   - length: How many scalars the token has.
  init(line: String, column: Int, length: Int) {
    let scalars = line.unicodeScalars
    let start = scalars.count > Self.widest ? max(0, column - 1 - Self.lead) : 0
    var text = start > 0 ? "…" : ""
    var columns = start > 0 ? 1 : 0
    var indent: Int?
    var end = 0
    for (offset, scalar) in scalars.dropFirst(start).enumerated() {
      if columns >= Self.widest {
        text += "…"
        break
      }
      let position = start + offset
      let glyph = VisibleText.glyph(for: scalar, atColumn: columns)
      if position == column - 1 { indent = columns }
      text += glyph.text
      columns += glyph.width
      if position < column - 1 + length { end = columns }
    }
    self.text = text
    self.indent = indent ?? columns
    width = indent.map { max(1, end - $0) } ?? 1
  }
}
