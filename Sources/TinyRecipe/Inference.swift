/// A premise, a hypothesis made from it, and what follows.
///
/// The hypothesis is the premise with some phrases made wider or narrower, and maybe the opposite
/// of that.
package struct Inference: Sendable {
  /// What happens to one phrase.
  package enum Edit: String, CaseIterable, Sendable {
    /// A word for one above it or below it in the lexicon.
    case widerWord, narrowerWord
    /// A modifier taken away or put in.
    case dropped, added

    var isWider: Bool { self == .widerWord || self == .dropped }
  }

  package enum Label: String, CaseIterable, Sendable {
    case entailment, neutral, contradiction
  }

  package let premise: QuantifiedSentence
  package let hypothesis: QuantifiedSentence
  /// The changed phrases by number, in their order.
  let edits: [(phrase: Int, edit: Edit)]
  package let isOpposite: Bool

  /// Whether an edit keeps a true sentence true.
  private func fits(_ edit: (phrase: Int, edit: Edit)) -> Bool {
    premise.looksUp[edit.phrase] == edit.edit.isWider
  }

  package var label: Label {
    guard edits.allSatisfy(fits) else { return .neutral }
    return isOpposite ? .contradiction : .entailment
  }

  var exercise: Exercise {
    Exercise(
      fields: [("premise", premise.text), ("hypothesis", hypothesis.text)],
      steps: premise.phrases.indices.map(judgement) + [conclusion],
      label: label.rawValue,
      structure: structure,
      calculation: calculation,
      depth: premise.terms.count
    )
  }

  /// Which way a phrase looks and whether what happens to it fits, as in "no up: cat to animal is
  /// wider and up, grows, fits".
  private func judgement(ofPhrase index: Int) -> String {
    let place = index < premise.terms.count ? premise.terms[index].quantifier.rawValue : "is"
    let look = premise.looksUp[index] ? "up" : "down"
    let before = premise.text(ofPhrase: index)
    guard let edit = edits.first(where: { $0.phrase == index }) else {
      return "\(place) \(look): \(before) stays"
    }
    return "\(place) \(look): \(before) to \(hypothesis.text(ofPhrase: index)) is "
      + (edit.edit.isWider ? "wider" : "narrower") + " and \(look), "
      + verdict(isWider: edit.edit.isWider, looksUp: premise.looksUp[index])
  }

  /// A word for each of the four cases before the verdict.
  ///
  /// Whether two words agree is no sum of what each says, and small models take long to learn such
  /// a choice of two; a choice of four is a sum, and the verdict follows from it alone.
  private func verdict(isWider: Bool, looksUp: Bool) -> String {
    switch (isWider, looksUp) {
    case (true, true): "grows, fits"
    case (false, false): "shrinks, fits"
    case (true, false): "overshoots, fails"
    case (false, true): "undershoots, fails"
    }
  }

  /// The judgement without the sentences.
  ///
  /// The quantifiers that lead to each change, which way it goes, and whether the whole is turned
  /// round: "no, every: wider. no, is: narrower. Opposite."
  private var calculation: String {
    let changes = edits.map { edit in
      let isPredicate = edit.phrase == premise.terms.count
      let path = premise.terms.prefix(isPredicate ? 1 : edit.phrase + 1).map(\.quantifier.rawValue)
      return (path + (isPredicate ? ["is"] : [])).joined(separator: ", ")
        + (edit.edit.isWider ? ": wider." : ": narrower.")
    }
    return (changes + [isOpposite ? "Opposite." : "Same."]).joined(separator: " ")
  }

  private var conclusion: String {
    let quantifiers =
      "\(premise.terms[0].quantifier.rawValue) to \(hypothesis.terms[0].quantifier.rawValue)"
    return "\(quantifiers) is \(isOpposite ? "opposite" : "same")"
      + (edits.allSatisfy(fits) ? ", all fit" : ", not all fit")
  }

  /// The quantifiers, which phrases have a modifier, and what was changed and how.
  private var structure: String {
    let modified = premise.phrases.map { $0.modifier == nil ? "-" : "m" }.joined()
    let quantifiers = premise.terms.map(\.quantifier.rawValue).joined(separator: "/")
    let changes = edits.map { "\($0.phrase):\($0.edit.rawValue)" }.joined(separator: " ")
    return "\(quantifiers) \(modified) \(changes) \(isOpposite ? "opposite" : "same")"
  }
}
