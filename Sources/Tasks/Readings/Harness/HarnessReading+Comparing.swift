import Primitives

extension HarnessReading {
  /// A record's own label as the harness would compare it.
  func expected(_ record: Record) -> String? {
    guard let label = record.label else { return nil }
    switch self {
    case .gradeSchoolMath: return found(Array("#### \(label)".unicodeScalars), record) ?? label
    case .lmEvalMultipleChoice: return "(\(choiceLetter(label, record)))"
    case .fewShotCoTChoice, .inspectAnswerLetter, .lmEvalMMLUPro, .nemoSkillsLetter,
      .zeroShotCoTChoice:
      return choiceLetter(label, record)
    default: return label
    }
  }

  /// The letter of a label's place among the choices: harnesses number by place (ARC's `2` is B).
  private func choiceLetter(_ label: String, _ record: Record) -> String {
    guard let list = record[Reading.choicesField].flatMap(ChoiceList.init),
      let name = list.label(of: label),
      let index = list.choices.firstIndex(where: { UTF8Order.equal($0.label, name) })
    else { return label }
    return Letters.letter(index)
  }

  /// Whether two answers are the same to the harness.
  func equal(_ left: String, _ right: String) -> Bool {
    UTF8Order.equal(compared(left), compared(right))
  }

  private func compared(_ answer: String) -> String {
    switch self {
    case .lmEvalGSM8KCoTStrict, .lmEvalGSM8KFlexible, .lmEvalGSM8KStrict: Self.gsm8k(answer)
    case .lmEvalMMLUPro, .lmEvalMultipleChoice: PythonText.withoutMarks(answer.lowercased())
    case .inspectAnswerLetter, .inspectAnswerLine, .inspectAnswerWord: answer.lowercased()
    case .nemoSkillsBoxed: Self.nemoSkills(answer)
    case .gradeSchoolMath, .fewShotCoTChoice, .fewShotCoTNumber, .nemoSkillsLetter,
      .zeroShotCoTChoice, .zeroShotCoTNumber:
      answer
    }
  }

  /// `regexes_to_ignore` of both gsm8k tasks: commas, dollars, all up to the last `#### `, and a
  /// full stop at the end.
  private static func gsm8k(_ answer: String) -> String {
    var scalars = answer.unicodeScalars.filter { $0 != "," && $0 != "$" }.map(\.self)
    let mark = Array("#### ".unicodeScalars)
    if let last = scalars.indices.last(where: { scalars[$0...].starts(with: mark) }) {
      scalars.removeFirst(last + mark.count)
    }
    if scalars.last == "." {
      scalars.removeLast()
    } else if scalars.last == "\n", scalars.dropLast().last == "." {
      scalars.remove(at: scalars.count - 2)
    }
    return PythonText.string(scalars).lowercased()
  }

  /// NeMo-Skills compares by a computer-algebra system; here, without a percent sign and a full stop
  /// at the end, numbers are compared by value and the rest as text without spaces.
  private static func nemoSkills(_ answer: String) -> String {
    var text = Scalar.trimmed(answer)
    for sign in [#"\%"#, "%"] where text.hasSuffix(sign) {
      text = String(text.dropLast(sign.count))
      break
    }
    while text.hasSuffix(".") || text.hasSuffix(#"\"#) { text.removeLast() }
    if let number = Normalization.plainNumber(text) { return number }
    return String(text.filter { $0 != " " })
  }
}
