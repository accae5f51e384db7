import Primitives
import tiny_recipe

/// A few individuals with everything that the sentences speak of settled: what a sentence says is
/// then true or false.
struct World {
  private struct Individual {
    /// Its narrowest noun; it is all the wider things too.
    let kind: String
    let adjectives: Set<String>
    /// Its narrowest doings.
    let doings: Set<String>
    /// How it does each of them, and all the wider ones.
    let manners: Set<String>
  }

  private let individuals: [Individual]
  /// For each linking verb, who does it to whom: `[doer * count + other]`.
  private let links: [String: [Bool]]

  /// A world drawn from the words of some sentences, so that what they say is seldom beside it.
  init(about sentences: [QuantifiedSentence], _ random: inout SeededGenerator) {
    func words(_ pick: (QuantifiedSentence) -> [String]) -> [String] {
      Set(sentences.flatMap(pick)).sorted()
    }
    let kinds = words { $0.terms.map(\.noun.word) }
    let adjectives = words { $0.terms.compactMap(\.noun.modifier) }
    let verbs = words { [$0.predicate.word] }
    let adverbs = words { [$0.predicate.modifier].compactMap(\.self) }
    let count = 2 + random.below(4)
    let density = [1, 3, 5, 7][random.below(4)]
    func some(_ list: [String], _ random: inout SeededGenerator) -> Set<String> {
      Set(list.filter { _ in random.below(2) == 0 })
    }
    individuals = (0..<count).map { _ in
      Individual(
        kind: kinds[random.below(kinds.count)],
        adjectives: some(adjectives, &random),
        doings: some(verbs, &random),
        manners: some(adverbs, &random)
      )
    }
    var links: [String: [Bool]] = [:]
    for link in words({ $0.terms.map(\.link) }) {
      links[link] = (0..<count * count).map { _ in random.below(8) < density }
    }
    self.links = links
  }

  func satisfies(_ sentence: QuantifiedSentence) -> Bool {
    let restriction = described(by: sentence.terms[...])
    return holds(sentence.terms[0].quantifier, of: restriction) { does($0, sentence.predicate) }
  }

  private func holds(
    _ quantifier: Quantifier,
    of restriction: [Int],
    _ predicate: (Int) -> Bool
  ) -> Bool {
    switch quantifier {
    case .some: restriction.contains(where: predicate)
    case .every: restriction.allSatisfy(predicate)
    case .no: !restriction.contains(where: predicate)
    case .notEvery: !restriction.allSatisfy(predicate)
    }
  }

  /// The individuals that are what the first term says, with all that describes it.
  private func described(by terms: ArraySlice<QuantifiedSentence.Term>) -> [Int] {
    guard let term = terms.first else { return [] }
    let own = individuals.indices.filter { isOf($0, term.noun) }
    let rest = terms.dropFirst()
    guard let next = rest.first, let link = links[term.link] else { return own }
    let others = described(by: rest)
    return own.filter { index in
      holds(next.quantifier, of: others) { link[index * individuals.count + $0] }
    }
  }

  private func isOf(_ index: Int, _ noun: QuantifiedSentence.Phrase) -> Bool {
    let individual = individuals[index]
    let kinds = [individual.kind] + Lexicon.wider(individual.kind, Lexicon.nounParents)
    return kinds.contains(noun.word) && noun.modifier.map(individual.adjectives.contains) ?? true
  }

  private func does(_ index: Int, _ predicate: QuantifiedSentence.Phrase) -> Bool {
    let individual = individuals[index]
    let isDone = individual.doings.contains { doing in
      doing == predicate.word
        || Lexicon.wider(doing, Lexicon.verbParents).contains(predicate.word)
    }
    return isDone && predicate.modifier.map(individual.manners.contains) ?? true
  }
}
