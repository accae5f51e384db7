import Primitives

/// Finds which of a few fixed labels a completion gives.
///
/// Strict: the first `answer is …` that names one label; else a text that is nothing but a label, or
/// begins with one and a mark (`Yes, because …`). Flexible: the only label that occurs in the text;
/// else the last. A label may have other words that stand for it (`entailment: [true, yes]`), those
/// of natural language inference have `InferenceWords` besides; letter case does not matter. A label
/// that is denied (`not entailed`) is none.
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
      flexible: mentions(marks.text, isAnswer: false).last,
      equal: Normalization.equalFolded
    )
  }

  /// A record's label by its name; a word that stands for one counts too.
  func expected(_ label: String) -> String {
    named(label) ?? label
  }

  private func strict(_ marks: AnswerMarks) -> String? {
    for piece in marks.phrased {
      let named = Set(mentions(piece, isAnswer: true))
      if named.count == 1 { return named.first }
      // "either entailment or neutral" is an answer that cannot be read.
      if named.count > 1 { return nil }
    }
    return whole(marks.text) ?? first(marks.text)
  }

  /// The words that name a label, as an answer or anywhere in a text.
  private func words(of label: Label, isAnswer: Bool) -> [String] {
    [label.name] + label.words + InferenceWords.forms(of: label.name)
      + (isAnswer ? InferenceWords.answers(of: label.name) : [])
  }

  private func named(_ word: String) -> String? {
    labels.first { label in
      words(of: label, isAnswer: true).contains { Normalization.equalFolded($0, word) }
    }?.name
  }

  private func whole(_ text: ArraySlice<UInt8>) -> String? {
    guard let first = text.firstIndex(where: ChoiceReading.isWordByte),
      let last = text.lastIndex(where: ChoiceReading.isWordByte)
    else { return nil }
    return named(String(decoding: text[first...last], as: UTF8.self))
  }

  /// The label that a text begins with, a mark or a line's end behind it.
  private func first(_ text: ArraySlice<UInt8>) -> String? {
    let start = text.drop { !ChoiceReading.isWordByte($0) }
    guard let end = start.firstIndex(where: { ".,:;!\n-*".utf8.contains($0) }) else { return nil }
    return named(String(decoding: start[..<end].prefix(60), as: UTF8.self))
  }

  /// The labels that occur as words, in order; where one stands inside another (`entailment` in
  /// `not entailment`) the longer one counts.
  private func mentions(_ piece: ArraySlice<UInt8>, isAnswer: Bool) -> [String] {
    let folded = Array(String(decoding: piece, as: UTF8.self).lowercased().utf8)
    var found: [(range: Range<Int>, name: String)] = []
    for label in labels {
      for word in words(of: label, isAnswer: isAnswer) {
        for range in ByteSearch.ranges(of: Normalization.folded(word), in: folded[...]) {
          let before = range.lowerBound > 0 ? folded[range.lowerBound - 1] : nil
          let after = range.upperBound < folded.count ? folded[range.upperBound] : nil
          if !ChoiceReading.isWordByte(before), !ChoiceReading.isWordByte(after) {
            found.append((range, label.name))
          }
        }
      }
    }
    return Self.outermost(found).filter { !Self.isDenied($0.range, folded) }.map(\.name)
  }

  /// Whether a word that denies stands right before, an article or `be` between them at most.
  private static func isDenied(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
    let before = String(
      decoding: text[max(range.lowerBound - 30, 0)..<range.lowerBound],
      as: UTF8.self
    )
    guard before.last == " " else { return false }
    var words = before.split(separator: " ").suffix(2)
    if let last = words.last, ["a", "an", "the", "be", "been"].contains(last) {
      words.removeLast()
    }
    guard let word = words.last else { return false }
    return ["not", "cannot", "never", "neither", "nor", "without"].contains(word)
      || word.hasSuffix("n't") || word.hasSuffix("n’t")
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
