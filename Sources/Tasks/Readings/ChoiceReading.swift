import Primitives

/// Finds the choice that a completion names, as the choice's label.
///
/// Strict: the last `\boxed{B}`; else the first `answer is …` that names one choice; else a text
/// that is nothing but a choice. Flexible: the last sentence that names a choice by its label (`(B)`,
/// `B)`, `B.`, `**B**`), unless it is the end of a list of the choices; else the only choice whose
/// text occurs. A sentence that names several choices names none.
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
    return record[field].flatMap(ChoiceList.init)?.rightLabel(of: label) ?? label
  }

  private func strict(_ marks: AnswerMarks, _ list: ChoiceList) -> String? {
    if let boxed = marks.boxed.compactMap({ single($0, list) }).last { return boxed }
    for piece in marks.phrased {
      if let choice = single(piece, list) {
        return goesOn(behind: piece, in: marks.text, list, than: choice) ? nil : choice
      }
      // A hedge is an answer that cannot be read, not one to be looked for further on.
      if Set(labels(in: piece, list)).count > 1 { return nil }
    }
    return whole(marks.text, list)
  }

  /// Whether the line behind an answer begins with another choice: then both are the answer.
  private func goesOn(
    behind piece: ArraySlice<UInt8>,
    in text: ArraySlice<UInt8>,
    _ list: ChoiceList,
    than choice: String
  ) -> Bool {
    let rest = text[piece.endIndex...].drop { ".*".utf8.contains($0) }
    guard rest.first == 0x0A else { return false }
    let line = rest.dropFirst().prefix { $0 != 0x0A }
    return item(line, list).map { $0 != choice } ?? false
  }

  private func flexible(_ marks: AnswerMarks, _ list: ChoiceList) -> String? {
    let lines = marks.text.split(separator: 0x0A).filter { !$0.allSatisfy { $0 <= 0x20 } }
    guard let last = lines.indices.last(where: { !labels(in: lines[$0], list).isEmpty }) else {
      return single(marks.text, list)
    }
    let line = lines[last]
    let isListed = item(line, list) != nil && last > 0 && item(lines[last - 1], list) != nil
    // The last of the choices gone through is the answer only if it is said to be.
    if isListed, !concludes(line) { return nil }
    for sentence in Sentence.all(in: line).reversed() {
      let named = labels(in: sentence, list)
      if !named.isEmpty { return decided(named, sentence) }
    }
    return single(line, list)
  }

  /// What a sentence decides for: the choice that it names, of `either (c) or (e)` the first.
  private func decided(_ named: [String], _ sentence: ArraySlice<UInt8>) -> String? {
    switch Set(named).count {
    case 1: named.first
    case 2 where !ByteSearch.ranges(of: "either ", in: sentence).isEmpty: named.first
    default: nil
    }
  }

  /// The choice that a line begins with.
  private func item(_ line: ArraySlice<UInt8>, _ list: ChoiceList) -> String? {
    let start = line.drop { " *-(".utf8.contains($0) }
    return list.choices.first { choice in
      start.starts(with: choice.label.utf8)
        && start.dropFirst(choice.label.utf8.count).first.map { ").:".utf8.contains($0) } ?? false
    }?.label
  }

  private func concludes(_ line: ArraySlice<UInt8>) -> Bool {
    let small = line.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let says = ["correct answer", "best answer", "right answer", "is the answer", "is correct"]
    let denies = ["not the", "n't the", "is not", "isn't", "incorrect"]
    return says.contains { !ByteSearch.ranges(of: $0, in: small[...]).isEmpty }
      && !denies.contains { !ByteSearch.ranges(of: $0, in: small[...]).isEmpty }
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
  /// `.`, `:` or emphasis, or where the piece is nothing else up to its first word. `D = 4` and
  /// `(d) = 4` name a quantity.
  private func labels(in piece: ArraySlice<UInt8>, _ list: ChoiceList) -> [String] {
    var found: [(index: Int, label: String)] = []
    var bracketed: Set<Int> = []
    for choice in list.choices {
      for range in ByteSearch.ranges(of: choice.label, in: piece) where !isQuantity(range, piece) {
        let before = range.lowerBound > piece.startIndex ? piece[range.lowerBound - 1] : nil
        let after = range.upperBound < piece.endIndex ? piece[range.upperBound] : nil
        let isBracketed = before == UInt8(ascii: "(") && after == UInt8(ascii: ")")
        let isMarked = !Self.isWordByte(before) && Self.isMark(after)
        let isAlone =
          range.lowerBound == piece.startIndex && !Self.isWordByte(after)
          && (after == nil || after == UInt8(ascii: ",") || choice.label != "A")
        if isBracketed || isMarked || isAlone { found.append((range.lowerBound, choice.label)) }
        if isBracketed { bracketed.insert(range.lowerBound) }
      }
      let small = "(\(choice.label.lowercased()))"
      for range in ByteSearch.ranges(of: small, in: piece) where !isQuantity(range, piece) {
        found.append((range.lowerBound, choice.label))
        bracketed.insert(range.lowerBound)
      }
    }
    // In "(e) Washington D.C." the D is no label.
    if !bracketed.isEmpty { found = found.filter { bracketed.contains($0.index) } }
    return found.sorted { $0.index < $1.index }.map(\.label)
  }

  private func isQuantity(_ range: Range<Int>, _ piece: ArraySlice<UInt8>) -> Bool {
    piece[range.upperBound...].first { $0 != 0x20 && $0 != UInt8(ascii: ")") } == UInt8(ascii: "=")
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
