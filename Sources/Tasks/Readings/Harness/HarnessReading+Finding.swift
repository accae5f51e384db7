import Primitives

/// The patterns, as the harnesses have them.
private enum Published {
  static let hashes = Pattern(known: #"#### (\-?[0-9\.\,]+)"#)
  static let theAnswerIs = Pattern(known: #"The answer is (\-?[0-9\.\,]+)."#)
  static let flexible = Pattern(known: "(-?[$0-9.,]{2,})|(-?[0-9]+)")
  static let mmluPro = Pattern(known: #"answer is \(?([ABCDEFGHIJ])\)?"#)
  static let bracketed = Pattern(known: #"(\([A-Z]\))"#)
  static let finalAnswer = Pattern(known: "The final answer is (.+)$")
  static let lastLetter = Pattern(known: #"(?s)\b[A-Z]\b(?!.*\b[A-Z]\b)"#)
  static let answerColon = Pattern(
    known:
      #"(?i)[\*\_]{0,2}Answer[\*\_]{0,2}\s*:[\s\*\_]{0,2}\s*([A-Z])(?![a-zA-Z0-9])"#
  )
  static let inspectLetter = Pattern(
    known: #"(?is)ANSWER\s*:\s*([A-Za-z])(?:[^\w]|\n|$)(?!.*ANSWER\s*:)"#
  )
  static let inspectWord = Pattern(
    known: #"(?is)ANSWER\s*:\s*(\S+?)(?=[.,;:!?]?\s*(?:\n|$))(?!.*ANSWER\s*:)"#
  )
  static let inspectLine = Pattern(known: #"(?i)ANSWER\s*:\s*([^\n]+)\s*\Z"#)
  static let letters = Pattern(known: "A|B|C|D|E")
  static let numbers = Pattern(known: #"-?\d+\.?\d*"#)
}

extension HarnessReading {
  typealias Text = [Unicode.Scalar]

  /// The answer; nil where the harness gives its mark for none (`[invalid]`, an empty text, `None`).
  func found(_ text: Text, _ record: Record?) -> String? {
    switch self {
    case .gradeSchoolMath:
      Self.first(Published.hashes, text).map { PythonText.string($0.filter { $0 != "," }) }
    case .lmEvalGSM8KStrict: Self.first(Published.hashes, text).map(Self.stripped)
    case .lmEvalGSM8KCoTStrict: Self.first(Published.theAnswerIs, text).map(Self.stripped)
    case .lmEvalGSM8KFlexible: Self.last(Published.flexible, text).map(Self.stripped)
    case .lmEvalMMLUPro: Self.first(Published.mmluPro, text).map(Self.stripped)
    case .lmEvalMultipleChoice: Self.multipleChoice(text, record)
    case .nemoSkillsBoxed: Self.boxedOrFinal(text).map(PythonText.string)
    case .nemoSkillsLetter: Self.letter(text)
    case .inspectAnswerLetter: Self.first(Published.inspectLetter, text).map(PythonText.string)
    case .inspectAnswerLine: Self.first(Published.inspectLine, text).map(PythonText.string)
    case .inspectAnswerWord: Self.first(Published.inspectWord, text).map(PythonText.string)
    case .zeroShotCoTChoice: Self.cleansed(Self.hits(Published.letters, text).first)
    case .zeroShotCoTNumber: Self.cleansed(Self.numbers(text).first)
    case .fewShotCoTChoice: Self.fewShot(text) { Self.hits(Published.letters, $0) }
    case .fewShotCoTNumber: Self.fewShot(text, Self.numbers)
    }
  }

  // MARK: Matches

  /// What `re.findall` gives: the first group that took part, or the match of a pattern without.
  private static func hit(_ pattern: Pattern, _ match: Pattern.Match, _ text: Text) -> Text {
    guard pattern.groups > 0 else { return Array(text[match.range]) }
    // Where no group took any text Python gives an empty one.
    let group = match.groups.lazy.compactMap(\.self).first { !$0.isEmpty }
    return group.map { Array(text[$0]) } ?? []
  }

  private static func hits(_ pattern: Pattern, _ text: Text) -> [Text] {
    pattern.all(in: text).map { hit(pattern, $0, text) }
  }

  private static func first(_ pattern: Pattern, _ text: Text) -> Text? {
    pattern.first(in: text).map { hit(pattern, $0, text) }
  }

  private static func last(_ pattern: Pattern, _ text: Text) -> Text? {
    pattern.all(in: text).last.map { hit(pattern, $0, text) }
  }

  private static func stripped(_ text: Text) -> String {
    PythonText.string(PythonText.strip(text))
  }

  // MARK: lm-evaluation-harness

  /// `MultiChoiceRegexFilter` with the last match, letter case and punctuation ignored.
  private static func multipleChoice(_ text: Text, _ record: Record?) -> String? {
    if let letter = last(Published.bracketed, text) { return stripped(letter) }
    let list = record.flatMap { $0[Reading.choicesField] }
      .flatMap { ChoiceList($0, isVerbatim: true) }
    let choices = (list?.choices ?? []).map {
      plain(PythonText.strip(Array($0.text.unicodeScalars)))
    }
    guard !choices.isEmpty else { return nil }
    if let named = lastNamed(choices, in: plain(text)) { return named }
    return lastBehindColon(choices.count, text)
  }

  private static func plain(_ text: Text) -> Text {
    let small = Array(PythonText.string(text).lowercased().unicodeScalars)
    return PythonText.withoutPunctuation(small)
  }

  /// The last choice whose text occurs, longer texts tried first, from left to right.
  private static func lastNamed(_ choices: [Text], in text: Text) -> String? {
    // Sorted stably by the length of their patterns, as Python's `sorted` does.
    let branches = choices.enumerated()
      .map { (length: escapedLength($0.element), place: $0.offset, text: $0.element) }
      .sorted { ($1.length, $0.place) < ($0.length, $1.place) }
      .map(\.text)
    var place = 0
    var last: Text?
    // Past the end too: an empty text of a choice matches there.
    while place <= text.count {
      guard let branch = branches.first(where: { text[place...].starts(with: $0) }) else {
        place += 1
        continue
      }
      last = branch
      place += max(branch.count, 1)
    }
    guard let found = last.map({ PythonText.strip($0) }), !found.isEmpty else { return nil }
    // Of two choices with one text the harness keeps the later one; a text that stripping changed
    // is no choice's any more and stays as it is.
    guard let index = choices.lastIndex(of: found) else { return PythonText.string(found) }
    return "(\(Letters.letter(index)))"
  }

  /// How long a text is once `re.escape` has put backslashes in it.
  private static func escapedLength(_ text: Text) -> Int {
    let escaped = Set(#"()[]{}?*+-|^$\.&~# "#.unicodeScalars + "\t\n\r\u{0B}\u{0C}".unicodeScalars)
    return text.count + text.count { escaped.contains($0) }
  }

  private static func lastBehindColon(_ count: Int, _ text: Text) -> String? {
    let letters = (0..<min(count, 26)).map(Letters.letter).joined(separator: "|")
    guard let pattern = try? Pattern(":[\\s]*(\(letters))") else { return nil }
    return last(pattern, text).map { "(\(PythonText.string($0)))" }
  }

  // MARK: NeMo-Skills

  private static func boxedOrFinal(_ text: Text) -> Text? {
    if let boxed = boxed(text), !boxed.isEmpty { return boxed }
    return last(Published.finalAnswer, text)
  }

  /// `search_boxed`: what stands in the last `\boxed{…}`, braces counted.
  private static func boxed(_ text: Text) -> Text? {
    let mark = Array(#"\boxed"#.unicodeScalars)
    guard
      let start = (0..<max(text.count - mark.count + 1, 0)).last(where: {
        text[$0] == mark[0] && text[$0...].starts(with: mark)
      })
    else { return nil }
    var open = 0
    for index in start..<text.count {
      if text[index] == "{" { open += 1 }
      guard text[index] == "}" else { continue }
      open -= 1
      if open == 0 {
        let brace = start + mark.count
        return text[brace] == "{" ? Array(text[(brace + 1)..<index]) : nil
      }
    }
    return nil
  }

  /// `extract_letter` of the evaluator of multiple-choice answers.
  private static func letter(_ text: Text) -> String? {
    if let answer = boxedOrFinal(text).map(latinLetters) {
      if answer.count == 1 { return PythonText.string(answer).uppercased() }
      if let letter = last(Published.lastLetter, answer) { return PythonText.string(letter) }
    }
    return last(Published.answerColon, text).map { stripped($0).uppercased() }
  }

  /// The letters that stand for A to D in Arabic, Bengali and Japanese answers.
  private static func latinLetters(_ text: Text) -> Text {
    let letters: [Unicode.Scalar: Unicode.Scalar] = [
      "\u{623}": "A", "\u{628}": "B", "\u{62C}": "C", "\u{62F}": "D",
      "\u{985}": "A", "\u{9AC}": "B", "\u{9A1}": "C", "\u{9A2}": "D",
      "\u{FF21}": "A", "\u{FF22}": "B", "\u{FF23}": "C", "\u{FF24}": "D",
    ]
    return PythonText.strip(
      text.flatMap { scalar in letters[scalar].map { [" ", $0] } ?? [scalar] }
    )
  }

  // MARK: zero_shot_cot

  private static func numbers(_ text: Text) -> [Text] {
    hits(Published.numbers, text.filter { $0 != "," })
  }

  /// Behind the last `The answer is` the first hit; without one the last hit of the text.
  private static func fewShot(_ text: Text, _ hits: (Text) -> [Text]) -> String? {
    let trigger = Array("The answer is".unicodeScalars)
    // `split` cuts from left to right; the trigger cannot overlap itself, so the last one cuts last.
    let cut = text.indices.last { text[$0...].starts(with: trigger) }
    guard let cut else { return cleansed(hits(text).last) }
    return cleansed(hits(Array(text[(cut + trigger.count)...])).first)
  }

  /// Without a full stop at the end; nothing is no answer.
  private static func cleansed(_ hit: Text?) -> String? {
    guard var hit, !hit.isEmpty else { return nil }
    if hit.last == "." { hit.removeLast() }
    return PythonText.string(hit)
  }
}
