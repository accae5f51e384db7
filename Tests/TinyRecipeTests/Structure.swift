import Testing
import tiny_recipe

/// The structure of a row, found from its text alone and not by the generators' means.
enum Structure {
  static func of(_ row: Row, _ family: Family) throws -> String {
    switch family {
    case .arithmetic: masked(try row.text("question"))
    case .monotonicity: try change(in: row)
    }
  }

  /// Steps of a problem, nouns of an inference.
  static func depth(_ row: Row, _ family: Family) throws -> Int {
    switch family {
    case .arithmetic: try row.text("answer").split(separator: ". ").count - 1
    case .monotonicity: try sentence(row, "premise").terms.count
    }
  }

  /// A question without its names, things, containers and numbers.
  private static func masked(_ question: String) -> String {
    question.split(separator: " ").map { word in
      let bare = word.filter { $0.isLetter || $0.isNumber }
      let mark = word.filter { !$0.isLetter && !$0.isNumber }
      return if Int(bare) != nil {
        "number\(mark)"
      } else if ArithmeticWords.names.contains(bare) {
        "name\(mark)"
      } else if ArithmeticWords.things.contains(bare) {
        "things\(mark)"
      } else if ArithmeticWords.containers.contains(bare) {
        "containers\(mark)"
      } else {
        String(word)
      }
    }
    .joined(separator: " ")
  }

  private static func sentence(_ row: Row, _ field: String) throws -> QuantifiedSentence {
    try #require(SentenceParser.sentence(try row.text(field)))
  }

  /// The quantifiers and modifiers of both sentences, and which words grew or shrank.
  private static func change(in row: Row) throws -> String {
    let premise = try sentence(row, "premise")
    let hypothesis = try sentence(row, "hypothesis")
    let terms = zip(premise.terms, hypothesis.terms).map { before, after in
      "\(before.quantifier.rawValue)>\(after.quantifier.rawValue) "
        + change(before.noun, after.noun, Lexicon.nounParents)
    }
    let predicate = change(premise.predicate, hypothesis.predicate, Lexicon.verbParents)
    return (terms + [predicate]).joined(separator: " / ")
  }

  private static func change(
    _ before: QuantifiedSentence.Phrase,
    _ after: QuantifiedSentence.Phrase,
    _ parents: [String: String]
  ) -> String {
    let word =
      if before.word == after.word {
        "same"
      } else {
        Lexicon.wider(before.word, parents).contains(after.word) ? "wider" : "narrower"
      }
    return "\(word) \(before.modifier == nil ? "-" : "m")\(after.modifier == nil ? "-" : "m")"
  }
}
