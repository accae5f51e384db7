import Primitives

/// Inferences by quantifiers, negation, wider and narrower words, in the manner of HELP.
///
/// Half of them follow or contradict, half do neither; one or two phrases are changed.
///
/// Source: Yanaka, Mineshima, Bekki, Inui, Sekine, Abzianidze and Bos 2019, "HELP: A Dataset for
/// Identifying Shortcomings of Neural Models in Monotonicity Reasoning". No sentence is theirs.
struct MonotonicityGenerator {
  private var random: SeededGenerator

  static func exercise(depth: Int, _ random: inout SeededGenerator) -> Exercise {
    inference(depth: depth, &random).exercise
  }

  static func inference(depth: Int, _ random: inout SeededGenerator) -> Inference {
    var generator = MonotonicityGenerator(random: random)
    defer { random = generator.random }
    return generator.inference(depth: depth)
  }

  private mutating func pick<Element>(_ list: [Element]) -> Element {
    list[random.below(list.count)]
  }

  private mutating func inference(depth: Int) -> Inference {
    let opposite = random.below(2) == 0
    let fitting = random.below(2) == 0
    while true {
      let premise = sentence(depth: depth)
      var hypothesis = premise
      let edits = edits(of: premise, allFitting: fitting)
      guard let changed = apply(edits, to: premise.phrases, nouns: depth) else { continue }
      hypothesis.phrases = changed
      if opposite { hypothesis.terms[0].quantifier = premise.terms[0].quantifier.opposite }
      return Inference(
        premise: premise,
        hypothesis: hypothesis,
        edits: edits,
        isOpposite: opposite
      )
    }
  }

  private mutating func sentence(depth: Int) -> QuantifiedSentence {
    let terms = (0..<depth).map { index in
      QuantifiedSentence.Term(
        quantifier: pick(index == 0 ? Quantifier.allCases : Quantifier.inner),
        noun: phrase(Lexicon.nouns, Lexicon.adjectives),
        link: pick(Lexicon.links)
      )
    }
    return QuantifiedSentence(terms: terms, predicate: phrase(Lexicon.verbs, Lexicon.adverbs))
  }

  private mutating func phrase(
    _ words: [String],
    _ modifiers: [String]
  ) -> QuantifiedSentence.Phrase {
    let word = pick(words)
    return .init(word, modifier: random.below(4) == 0 ? pick(modifiers) : nil)
  }

  /// One or two edits that all keep the truth, or of which at least one does not.
  private mutating func edits(
    of premise: QuantifiedSentence,
    allFitting: Bool
  ) -> [(phrase: Int, edit: Inference.Edit)] {
    let looksUp = premise.looksUp
    var places = Array(looksUp.indices)
    random.shuffle(&places)
    let chosen = places.prefix(1 + random.below(2)).sorted()
    let failing = random.below(chosen.count)
    return chosen.enumerated().map { index, place in
      let fits = allFitting || (index != failing && random.below(2) == 0)
      let wider = looksUp[place] == fits
      let isWord = random.below(3) != 0
      return (place, wider ? (isWord ? .widerWord : .dropped) : (isWord ? .narrowerWord : .added))
    }
  }

  /// The phrases after the edits; nil where one of them cannot be done.
  private mutating func apply(
    _ edits: [(phrase: Int, edit: Inference.Edit)],
    to phrases: [QuantifiedSentence.Phrase],
    nouns: Int
  ) -> [QuantifiedSentence.Phrase]? {
    var result = phrases
    for (place, edit) in edits {
      let isNoun = place < nouns
      let parents = isNoun ? Lexicon.nounParents : Lexicon.verbParents
      let word = phrases[place].word
      switch edit {
      case .widerWord, .narrowerWord:
        let words = edit.isWider ? Lexicon.wider(word, parents) : Lexicon.narrower(word, parents)
        if words.isEmpty { return nil }
        result[place].word = pick(words)
      case .dropped:
        if phrases[place].modifier == nil { return nil }
        result[place].modifier = nil
      case .added:
        if phrases[place].modifier != nil { return nil }
        result[place].modifier = pick(isNoun ? Lexicon.adjectives : Lexicon.adverbs)
      }
    }
    return result
  }
}
