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
        for range in ByteSearch.ranges(of: Normalization.folded(word), in: folded[...]) {
          let before = range.lowerBound > 0 ? folded[range.lowerBound - 1] : nil
          let after = range.upperBound < folded.count ? folded[range.upperBound] : nil
          if !ChoiceReading.isWordByte(before), !ChoiceReading.isWordByte(after) {
            found.append((range, label.name))
          }
        }
      }
    }
    return Self.outermost(found).map(\.name)
  }

  /// The mentions that do not stand inside another, in order.
  private static func outermost(
    _ mentions: [(range: Range<Int>, name: String)]
  ) -> [(range: Range<Int>, name: String)] {
    let sorted = mentions.sorted { one, other in
      one.range.lowerBound != other.range.lowerBound
        ? one.range.lowerBound < other.range.lowerBound
        : one.range.upperBound > other.range.upperBound
    }
    var end = 0
    return sorted.filter { mention in
      defer { end = max(end, mention.range.upperBound) }
      return mention.range.upperBound > end
    }
  }
}
