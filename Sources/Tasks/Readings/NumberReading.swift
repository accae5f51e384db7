/// Finds the number that a completion gives as its answer.
///
/// Strict: the last `\boxed{…}`; else the first `#### …`; else the first `answer is …` or the last
/// `Answer: …` whose sentence gives a number; else the last line `A: …`; else the number of a text
/// that has only one. Flexible: the last sentence with a number. Of several numbers in a sentence
/// the result of its calculation counts (`3 + 4 = 7 for 2 days`), else the one that the calculation
/// before it came to. Text behind an invented question is not looked at. Tried on recorded answers of
/// ten models: see docs/agreement.md.
enum NumberReading {
  static func read(_ text: String) -> ReadAnswer {
    let marks = AnswerMarks(text)
    let all = NumberScanner(marks.text).tokens
    let results = calculated(marks.text, all)
    return ReadAnswer(
      strict: strict(marks, results) ?? (all.count == 1 ? all[0].value : nil),
      flexible: flexible(marks.text, all, results),
      equal: Normalization.equal
    )
  }

  private static func strict(
    _ marks: AnswerMarks,
    _ results: [NumberScanner.Token]
  ) -> String? {
    func number(_ sentence: ArraySlice<UInt8>) -> String? { self.number(sentence, results) }
    if let boxed = marks.boxed.compactMap(number).last { return boxed }
    if let hashed = marks.hashed.compactMap(number).first { return hashed }
    let phrased = marks.linked.compactMap { link, piece in
      number(piece).map { (link: link, piece: piece, number: $0) }
    }
    if let first = phrased.first {
      guard first.link == .headed else { return first.number }
      // Where steps have headings of their own ("Answer: 10 apples"), the last is the whole's.
      let last = phrased.last { $0.link == .headed } ?? first
      return concluded(marks.text[last.piece.endIndex...]).flatMap(number) ?? last.number
    }
    return marks.lettered.compactMap(number).last
  }

  /// The last sentence that draws a conclusion from what stands under a heading.
  private static func concluded(_ rest: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    Sentence.all(in: rest).last { sentence in
      let words = sentence.drop { !ChoiceReading.isWordByte($0) }
      return ["Therefore", "Thus", "Hence", "So "].contains { words.starts(with: $0.utf8) }
    }
  }

  /// The number of a marked sentence.
  ///
  /// Where it calculates (`24 * 2 = 48`), the result, or nothing where the calculation is not
  /// finished; else the number that the last calculation before it came to (`albums with 8 pictures
  /// in each of 5`); else what follows the last `is` and the like (`the price after 36 months is
  /// $92`); else the first number.
  private static func number(
    _ sentence: ArraySlice<UInt8>,
    _ results: [NumberScanner.Token]
  ) -> String? {
    if sentence.contains(UInt8(ascii: "=")) { return result(sentence) }
    let tokens = Self.outsideBrackets(NumberScanner(sentence).tokens, sentence)
    return repeated(tokens, results)
      ?? tokens.last { isBehindVerb($0, sentence) }?.value ?? tokens.first?.value
  }

  private static func flexible(
    _ text: ArraySlice<UInt8>,
    _ all: [NumberScanner.Token],
    _ results: [NumberScanner.Token]
  ) -> String? {
    guard let last = all.last else { return nil }
    let before = text[..<last.range.lowerBound]
    let start = Sentence.lastEnd(before) ?? text.startIndex
    let sentence = all.filter { $0.range.lowerBound >= start }
    return result(text[start..<last.range.upperBound]) ?? repeated(sentence, results) ?? last.value
  }

  /// The numbers that stand in no brackets, or all where none stands outside: `30 apples (10 of
  /// them green)`.
  private static func outsideBrackets(
    _ tokens: [NumberScanner.Token],
    _ sentence: ArraySlice<UInt8>
  ) -> [NumberScanner.Token] {
    var open = 0
    var index = sentence.startIndex
    let outside = tokens.filter { token in
      for byte in sentence[index..<token.range.lowerBound] {
        if byte == UInt8(ascii: "(") { open += 1 }
        if byte == UInt8(ascii: ")") { open = max(open - 1, 0) }
      }
      index = token.range.lowerBound
      return open == 0
    }
    return outside.isEmpty ? tokens : outside
  }

  /// Of several numbers the one that the last calculation before them came to.
  private static func repeated(
    _ tokens: [NumberScanner.Token],
    _ results: [NumberScanner.Token]
  ) -> String? {
    guard tokens.count > 1, let first = tokens.first,
      let result = results.last(where: { $0.range.upperBound <= first.range.lowerBound })
    else { return nil }
    return tokens.contains { $0.value == result.value } ? result.value : nil
  }

  /// The numbers that stand behind `=` and end their calculation.
  private static func calculated(
    _ text: ArraySlice<UInt8>,
    _ all: [NumberScanner.Token]
  ) -> [NumberScanner.Token] {
    all.filter { token in
      let before = text[..<token.range.lowerBound].last { $0 != 0x20 }
      return before == UInt8(ascii: "=") && !isContinued(text[token.range.upperBound...])
    }
  }

  /// The number behind the last `=`, if there is one and the calculation ends with it.
  private static func result(_ sentence: ArraySlice<UInt8>) -> String? {
    guard let sign = sentence.lastIndex(of: UInt8(ascii: "=")),
      let token = NumberScanner(sentence[(sign + 1)...]).tokens.first,
      sentence[(sign + 1)..<token.range.lowerBound].allSatisfy({ $0 == 0x20 })
    else { return nil }
    return isContinued(sentence[token.range.upperBound...]) ? nil : token.value
  }

  /// Whether a calculation goes on behind a number.
  private static func isContinued(_ rest: ArraySlice<UInt8>) -> Bool {
    let next = rest.drop { $0 == 0x20 }
    if next.starts(with: "÷".utf8) || next.starts(with: "×".utf8) { return true }
    switch next.first {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
      UInt8(ascii: "^"), UInt8(ascii: "x"), UInt8(ascii: "\\"):
      return true
    default: return false
    }
  }

  private static func isBehindVerb(
    _ token: NumberScanner.Token,
    _ sentence: ArraySlice<UInt8>
  ) -> Bool {
    let before = sentence[..<token.range.lowerBound]
    return [" is ", " was ", " are ", " were ", " be ", " equals "].contains { verb in
      before.suffix(verb.utf8.count).elementsEqual(verb.utf8)
    }
  }
}

/// Where sentences end, in UTF-8 bytes.
enum Sentence {
  /// Whether the byte at a place ends a sentence: a line feed, or a stop before white space.
  static func ends(at index: Int, in text: ArraySlice<UInt8>) -> Bool {
    switch text[index] {
    case 0x0A: return true
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"):
      let next = index + 1 < text.endIndex ? text[index + 1] : 0x0A
      return next == 0x20 || next == 0x0A
    default: return false
    }
  }

  /// The sentences of a text, each with what ends it.
  static func all(in text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var sentences: [ArraySlice<UInt8>] = []
    var start = text.startIndex
    // "B. pond" is no sentence and another.
    for index in text.indices where index - start > 2 && ends(at: index, in: text) {
      sentences.append(text[start...index])
      start = index + 1
    }
    return start < text.endIndex ? sentences + [text[start...]] : sentences
  }

  /// Behind the last byte that ends a sentence.
  static func lastEnd(_ text: ArraySlice<UInt8>) -> Int? {
    text.indices.last { ends(at: $0, in: text) }.map { $0 + 1 }
  }
}
