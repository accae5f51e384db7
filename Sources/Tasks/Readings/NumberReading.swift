/// Finds the number that a completion gives as its answer.
///
/// Strict: the last `\boxed{…}`; else the first `#### …`; else the first `answer is …` whose
/// sentence gives a number; else the last line `A: …`; else the number of a text that has only
/// one. Flexible: the result of the last calculation where the last sentence with a number has one
/// (`3 + 4 = 7 for 2 days`), else the last number. Text behind an invented question is not looked
/// at. Tried on recorded answers of ten models: see docs/agreement.md.
enum NumberReading {
  static func read(_ text: String) -> ReadAnswer {
    let marks = AnswerMarks(text)
    let all = NumberScanner(marks.text).tokens
    return ReadAnswer(
      strict: strict(marks) ?? (all.count == 1 ? all[0].value : nil),
      flexible: flexible(marks.text, all),
      equal: Normalization.equal
    )
  }

  private static func strict(_ marks: AnswerMarks) -> String? {
    if let boxed = marks.boxed.compactMap(number).last { return boxed }
    if let hashed = marks.hashed.compactMap(number).first { return hashed }
    if let phrased = marks.phrased.compactMap(number).first { return phrased }
    return marks.lettered.compactMap(number).last
  }

  /// The number of a marked sentence.
  ///
  /// Where it calculates (`24 * 2 = 48`), the result, or nothing where the calculation is not
  /// finished; else what follows the last `is` and the like (`the price after 36 months is $92`);
  /// else the first number.
  private static func number(_ sentence: ArraySlice<UInt8>) -> String? {
    if sentence.contains(UInt8(ascii: "=")) { return result(sentence) }
    let tokens = NumberScanner(sentence).tokens
    return tokens.last { isBehindVerb($0, sentence) }?.value ?? tokens.first?.value
  }

  private static func flexible(
    _ text: ArraySlice<UInt8>,
    _ all: [NumberScanner.Token]
  ) -> String? {
    guard let last = all.last else { return nil }
    let before = text[..<last.range.lowerBound]
    let start = Sentence.lastEnd(before) ?? text.startIndex
    return result(text[start..<last.range.upperBound]) ?? last.value
  }

  /// The number behind the last `=`, if there is one and the calculation ends with it.
  private static func result(_ sentence: ArraySlice<UInt8>) -> String? {
    guard let sign = sentence.lastIndex(of: UInt8(ascii: "=")),
      let token = NumberScanner(sentence[(sign + 1)...]).tokens.first,
      sentence[(sign + 1)..<token.range.lowerBound].allSatisfy({ $0 == 0x20 })
    else { return nil }
    let next = sentence[token.range.upperBound...].first { $0 != 0x20 }
    let operators: Set<UInt8> = Set("+-*/^x\\".utf8)
    return next.map { operators.contains($0) } ?? false ? nil : token.value
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

  /// Behind the last byte that ends a sentence.
  static func lastEnd(_ text: ArraySlice<UInt8>) -> Int? {
    text.indices.last { ends(at: $0, in: text) }.map { $0 + 1 }
  }
}
