/// Finds the number that a completion gives as its answer.
///
/// Strict: the last `\boxed{…}`; else the first `#### …`; else the first `answer is …` whose
/// sentence has a number; else the last line `A: …`; else the number of a text that has only one.
/// Flexible: the last number of the text. Text behind an invented question is not looked at.
enum NumberReading {
  static func read(_ text: String) -> ReadAnswer {
    let marks = AnswerMarks(text)
    let all = NumberScanner(marks.text).tokens
    return ReadAnswer(
      strict: strict(marks) ?? (all.count == 1 ? all[0].value : nil),
      flexible: all.last?.value,
      equal: Normalization.equal
    )
  }

  private static func strict(_ marks: AnswerMarks) -> String? {
    if let boxed = marks.boxed.compactMap(number).last { return boxed }
    if let hashed = marks.hashed.compactMap(number).first { return hashed }
    if let phrased = marks.phrased.compactMap(number).first { return phrased }
    return marks.lettered.compactMap(number).last
  }

  /// The number of a marked piece: where it calculates (`24 * 2 = 48`) the result, else the first.
  private static func number(_ piece: ArraySlice<UInt8>) -> String? {
    if let sign = piece.lastIndex(of: UInt8(ascii: "=")),
      let result = NumberScanner(piece[(sign + 1)...]).tokens.first
    {
      return result.value
    }
    return NumberScanner(piece).tokens.first?.value
  }
}
