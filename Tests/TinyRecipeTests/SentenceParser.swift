import tiny_recipe

/// Reads the sentences of the data sets back, from their text alone.
struct SentenceParser {
  private var words: ArraySlice<Substring>

  /// Nil where the text is no sentence of the grammar.
  static func sentence(_ text: String) -> QuantifiedSentence? {
    guard text.hasSuffix(".") else { return nil }
    var parser = SentenceParser(words: text.dropLast().split(separator: " ")[...])
    parser.words = parser.words.map { Substring($0.lowercased()) }[...]
    return parser.sentence()
  }

  private mutating func sentence() -> QuantifiedSentence? {
    var terms: [(quantifier: Quantifier, noun: QuantifiedSentence.Phrase, link: String)] = []
    repeat {
      guard let quantifier = quantifier(), let noun = noun() else { return nil }
      var link = Lexicon.links[0]
      if words.first == "that" {
        words.removeFirst()
        guard let verb = words.popFirst(), Lexicon.links.contains(String(verb)) else { return nil }
        link = String(verb)
        terms.append((quantifier, noun, link))
        continue
      }
      terms.append((quantifier, noun, link))
      break
    } while true
    guard words.popFirst() == "is", let verb = words.popFirst() else { return nil }
    let adverb = words.popFirst().map(String.init)
    guard words.isEmpty, adverb.map(Lexicon.adverbs.contains) ?? true else { return nil }
    return QuantifiedSentence(
      terms: terms.map { .init(quantifier: $0.quantifier, noun: $0.noun, link: $0.link) },
      predicate: .init(String(verb), modifier: adverb)
    )
  }

  private mutating func quantifier() -> Quantifier? {
    guard let first = words.popFirst() else { return nil }
    if first == "not" {
      return words.popFirst() == "every" ? .notEvery : nil
    }
    return Quantifier(rawValue: String(first))
  }

  private mutating func noun() -> QuantifiedSentence.Phrase? {
    guard let first = words.popFirst() else { return nil }
    guard Lexicon.adjectives.contains(String(first)) else { return .init(String(first)) }
    return words.popFirst().map { .init(String($0), modifier: String(first)) }
  }
}
