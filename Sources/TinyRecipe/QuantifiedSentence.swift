/// A sentence of nested quantified nouns, such as "No old dog that saw every cat is sleeping".
package struct QuantifiedSentence: Sendable, Hashable {
  /// A word that another may narrow: "old dog", "sleeping today".
  package struct Phrase: Sendable, Hashable {
    package var word: String
    package var modifier: String?

    package init(_ word: String, modifier: String? = nil) {
      self.word = word
      self.modifier = modifier
    }
  }

  /// One noun with its quantifier; the next one describes it.
  package struct Term: Sendable, Hashable {
    package var quantifier: Quantifier
    package var noun: Phrase
    /// What it does to the next noun, such as "saw"; of no meaning for the last.
    package let link: String

    package init(quantifier: Quantifier, noun: Phrase, link: String) {
      self.quantifier = quantifier
      self.noun = noun
      self.link = link
    }
  }

  package var terms: [Term]
  package var predicate: Phrase

  package init(terms: [Term], predicate: Phrase) {
    self.terms = terms
    self.predicate = predicate
  }

  /// The phrases that may be changed: the nouns in their order, then the predicate.
  package var phrases: [Phrase] {
    get { terms.map(\.noun) + [predicate] }
    set {
      for index in terms.indices { terms[index].noun = newValue[index] }
      predicate = newValue[terms.count]
    }
  }

  /// Whether each of the phrases looks up: a noun turns with every quantifier before it.
  package var looksUp: [Bool] {
    var up = true
    let nouns = terms.map { term in
      if !term.quantifier.nounLooksUp { up.toggle() }
      return up
    }
    return nouns + [terms[0].quantifier.predicateLooksUp]
  }

  /// How a phrase reads: adjectives stand before, adverbs behind.
  func text(ofPhrase index: Int) -> String {
    let phrase = phrases[index]
    guard let modifier = phrase.modifier else { return phrase.word }
    return index < terms.count ? "\(modifier) \(phrase.word)" : "\(phrase.word) \(modifier)"
  }

  package var text: String {
    var words: [String] = []
    for (index, term) in terms.enumerated() {
      words.append(term.quantifier.rawValue)
      words.append(text(ofPhrase: index))
      if index + 1 < terms.count { words += ["that", term.link] }
    }
    words += ["is", text(ofPhrase: terms.count)]
    let sentence = words.joined(separator: " ")
    return sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
  }
}
