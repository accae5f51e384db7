import Primitives

/// Finds which of a few fixed labels a completion gives.
///
/// Strict: the first `answer is …` that names one label; else a text that is nothing but a label.
/// Flexible: the only label that occurs in the text; else the last. A label may have other words
/// that stand for it (`entailment: [true, yes]`); letter case does not matter.
struct LabelReading: Hashable, Sendable {
  struct Label: Hashable, Sendable {
    let name: String
    /// Words that stand for it besides its name.
    let words: [String]
  }

  let labels: [Label]

  func read(_ text: String) -> ReadAnswer {
    let marks = AnswerMarks(text)
    return ReadAnswer(
      strict: strict(marks),
      flexible: mentions(marks.text).last,
      equal: Normalization.equalFolded
    )
  }

  /// A record's label by its name; a word that stands for one counts too.
  func expected(_ label: String) -> String {
    named(label) ?? label
  }

  private func strict(_ marks: AnswerMarks) -> String? {
    for piece in marks.phrased {
      let named = Set(mentions(piece))
      if named.count == 1 { return named.first }
      // "either entailment or neutral" is an answer that cannot be read.
      if named.count > 1 { return nil }
    }
    return whole(marks.text)
  }

  private func named(_ word: String) -> String? {
    labels.first { label in
      ([label.name] + label.words).contains { Normalization.equalFolded($0, word) }
    }?.name
  }

  private func whole(_ text: ArraySlice<UInt8>) -> String? {
    guard let first = text.firstIndex(where: ChoiceReading.isWordByte),
      let last = text.lastIndex(where: ChoiceReading.isWordByte)
    else { return nil }
    return named(String(decoding: text[first...last], as: UTF8.self))
  }

  /// The labels that occur as words, in order; where one stands inside another (`entailment` in
  /// `not entailment`) the longer one counts.
  private func mentions(_ piece: ArraySlice<UInt8>) -> [String] {
    let folded = Array(String(decoding: piece, as: UTF8.self).lowercased().utf8)
    var found: [(range: Range<Int>, name: String)] = []
    for label in labels {
      for word in [label.name] + label.words {
        for range in folded.ranges(of: Array(Normalization.folded(word).utf8)) {
          let before = range.lowerBound > 0 ? folded[range.lowerBound - 1] : nil
          let after = range.upperBound < folded.count ? folded[range.upperBound] : nil
          if !ChoiceReading.isWordByte(before), !ChoiceReading.isWordByte(after) {
            found.append((range, label.name))
          }
        }
      }
    }
    return
      found
      .filter { one in
        !found.contains { $0.range != one.range && $0.range.clamped(to: one.range) == one.range }
      }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
      .map(\.name)
  }
}
