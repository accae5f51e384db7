package import Primitives

/// The entities of one summary against those of its document.
package struct EntityCounts: Hashable, Sendable {
  /// Different entities of the summary that the document has too.
  package let shared: Int
  /// Different entities of the summary.
  package let distinct: Int
  /// Tokens of the summary.
  package let tokens: Int

  package init(shared: Int, distinct: Int, tokens: Int) {
    self.shared = shared
    self.distinct = distinct
    self.tokens = tokens
  }

  /// Compares what was recognised in both texts.
  ///
  /// Two entities are the same where their words are, letter case, an article before and a genitive
  /// `'s` behind apart. A name of the summary that is part of a longer one in the document (`Hopper`
  /// of `Grace Hopper`) is shared too, or a recogniser that sees the long form only would miss it.
  package init(summary: RecognisedText, document: RecognisedText) {
    let known = Set(document.entities.map(EntityName.init))
    let parts = Set(known.flatMap(\.parts))
    let own = Set(summary.entities.map(EntityName.init)).filter { !$0.words.isEmpty }
    self.init(
      shared: own.count { known.contains($0) || parts.contains($0) },
      distinct: own.count,
      tokens: summary.tokens
    )
  }

  /// Shared entities for each token; nil for a summary without tokens.
  package var density: Double? { tokens > 0 ? Double(shared) / Double(tokens) : nil }
}

extension EntityCounts {
  /// Reads the members that `RowResult.json` writes; nil where they are missing.
  package init?(json: JSON) {
    guard let shared = json["shared_entities"]?.int, let distinct = json["entities"]?.int,
      let tokens = json["summary_tokens"]?.int
    else { return nil }
    self.init(shared: shared, distinct: distinct, tokens: tokens)
  }
}

/// An entity as it is compared.
struct EntityName: Hashable {
  /// In small letters, without an article at the start and a genitive at the end.
  let words: [String]

  /// More words than that are no name, whatever a recogniser says; their parts would be many.
  private static let wordLimit = 12

  init(_ text: String) {
    var words = text.lowercased().split {
      !($0.isLetter || $0.isNumber || "'’-.&$€£%".contains($0))
    }
    .map { Self.bare($0) }
    .filter { !$0.isEmpty }
    if words.count > 1, ["the", "a", "an"].contains(words[0]) { words.removeFirst() }
    self.words = words
  }

  private init(words: [String]) { self.words = words }

  private static func bare(_ word: Substring) -> String {
    var word = word.drop { "'’-.".contains($0) }
    for ending in ["'s", "’s"] where word.hasSuffix(ending) { word = word.dropLast(2) }
    while let last = word.last, "'’-.".contains(last) { word.removeLast() }
    return String(word)
  }

  /// Every run of its words that is shorter than the whole.
  var parts: [EntityName] {
    guard (2...Self.wordLimit).contains(words.count) else { return [] }
    return words.indices.flatMap { start in
      (start..<words.count).compactMap { end in
        end - start + 1 < words.count ? EntityName(words: Array(words[start...end])) : nil
      }
    }
  }
}
