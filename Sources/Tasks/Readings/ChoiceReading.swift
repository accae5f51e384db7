import Primitives

/// Finds the choice that a completion names, as the choice's label.
///
/// Strict: the last `\boxed{B}`; else the first `answer is …` that names one choice; else a text
/// that is nothing but a choice. Flexible: the last `(B)`; else the only choice whose label stands
/// as a word of its own (`B)`, `B.`, `**B**`); else the only choice whose text occurs. A sentence
/// that names several choices names none.
struct ChoiceReading: Hashable, Sendable {
  /// The record's field that holds the choices.
  let field: String

  func read(_ text: String, for record: Record?) -> ReadAnswer {
    let list = record?[field].flatMap(ChoiceList.init) ?? ChoiceList(letters: 5)
    let marks = AnswerMarks(text)
    return ReadAnswer(
      strict: strict(marks, list),
      flexible: flexible(marks, list),
      equal: Normalization.equalFolded
    )
  }

  /// The record's own answer as a choice's label.
  func expected(_ record: Record) -> String? {
    guard let label = record.label else { return nil }
    return record[field].flatMap(ChoiceList.init)?.label(of: label) ?? label
  }

  private func strict(_ marks: AnswerMarks, _ list: ChoiceList) -> String? {
    if let boxed = marks.boxed.compactMap({ single($0, list) }).last { return boxed }
    for piece in marks.phrased {
      if let choice = single(piece, list) { return choice }
      // A hedge is an answer that cannot be read, not one to be looked for further on.
      if Set(labels(in: piece, list)).count > 1 { return nil }
    }
    return whole(marks.text, list)
  }

  private func flexible(_ marks: AnswerMarks, _ list: ChoiceList) -> String? {
    let bracketed = labels(in: marks.text, list, onlyBracketed: true)
    if let last = bracketed.last { return last }
    return single(marks.text, list)
  }

  /// The one choice that a piece names by label, or else by text.
  private func single(_ piece: ArraySlice<UInt8>, _ list: ChoiceList) -> String? {
    let named = Set(labels(in: piece, list))
    if named.count == 1 { return named.first }
    guard named.isEmpty else { return nil }
    let folded = Normalization.folded(String(decoding: piece, as: UTF8.self))
    let byText = list.choices.filter {
      !$0.text.isEmpty && Self.hasWords(Normalization.folded($0.text), in: folded)
    }
    // "oak tree" names the choice "oak tree" though "tree" is another one.
    let longest = byText.filter { choice in
      !byText.contains { $0.text.count > choice.text.count && $0.text.contains(choice.text) }
    }
    return longest.count == 1 ? longest[0].label : nil
  }

  /// The choice that the text is, brackets, stops and emphasis apart.
  private func whole(_ text: ArraySlice<UInt8>, _ list: ChoiceList) -> String? {
    let skipped: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x2A, 0x28, 0x29, 0x2E]
    guard let first = text.firstIndex(where: { !skipped.contains($0) }),
      let last = text.lastIndex(where: { !skipped.contains($0) })
    else { return nil }
    return list.label(of: String(decoding: text[first...last], as: UTF8.self))
  }

  /// The labels that stand in a piece as words of their own, in order.
  ///
  /// A lone `A` in running text is an article, so a bare label counts only in brackets, before `)`,
  /// `.`, `:` or emphasis, or where the piece is nothing else up to its first word.
  private func labels(
    in piece: ArraySlice<UInt8>,
    _ list: ChoiceList,
    onlyBracketed: Bool = false
  ) -> [String] {
    var found: [(index: Int, label: String)] = []
    for choice in list.choices {
      for range in ByteSearch.ranges(of: choice.label, in: piece) {
        let before = range.lowerBound > piece.startIndex ? piece[range.lowerBound - 1] : nil
        let after = range.upperBound < piece.endIndex ? piece[range.upperBound] : nil
        let isBracketed = before == UInt8(ascii: "(") && after == UInt8(ascii: ")")
        let isMarked = !Self.isWordByte(before) && Self.isMark(after)
        let isAlone =
          range.lowerBound == piece.startIndex && !Self.isWordByte(after)
          && (after == nil || after == UInt8(ascii: ",") || choice.label != "A")
        if isBracketed || (!onlyBracketed && (isMarked || isAlone)) {
          found.append((range.lowerBound, choice.label))
        }
      }
      guard onlyBracketed || !found.contains(where: { $0.label == choice.label }) else { continue }
      let small = "(\(choice.label.lowercased()))"
      found += ByteSearch.ranges(of: small, in: piece).map { ($0.lowerBound, choice.label) }
    }
    return found.sorted { $0.index < $1.index }.map(\.label)
  }

  private static func isMark(_ byte: UInt8?) -> Bool {
    switch byte {
    case nil, UInt8(ascii: ")"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "*"),
      UInt8(ascii: "}"):
      true
    default: false
    }
  }

  /// Whether a byte is part of a word: a letter, a digit or part of a character beyond ASCII.
  static func isWordByte(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte >= 0x80 || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }

  /// Whether a text holds others words in a row, not as parts of longer ones.
  static func hasWords(_ words: String, in text: String) -> Bool {
    let bytes = Array(text.utf8)
    return ByteSearch.ranges(of: words, in: bytes[...]).contains { range in
      let before = range.lowerBound > 0 ? bytes[range.lowerBound - 1] : nil
      let after = range.upperBound < bytes.count ? bytes[range.upperBound] : nil
      return !isWordByte(before) && !isWordByte(after)
    }
  }
}
