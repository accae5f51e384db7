/// Tokens to train on, each marked whether the model should learn to say it.
package struct TokenSequence: Sendable, Hashable {
  package private(set) var tokens: [Int32] = []
  package private(set) var counts: [Bool] = []

  package init() {}

  /// Joins tokens with their marks, of which there must be as many.
  package init(tokens: [Int32], counts: [Bool]) {
    precondition(tokens.count == counts.count, "BUG: a token has no mark, or a mark no token")
    self.tokens = tokens
    self.counts = counts
  }

  mutating func append(_ more: [Int32], counts: Bool) {
    tokens.append(contentsOf: more)
    self.counts.append(contentsOf: repeatElement(counts, count: more.count))
  }

  /// Tokens that are learned; the first of a sequence follows nothing and cannot be.
  package var targetCount: Int { counts.dropFirst().count { $0 } }

  /// Drops what stands behind the last token that counts: it teaches nothing.
  func trimmed() -> TokenSequence {
    let length = (counts.lastIndex(of: true) ?? -1) + 1
    var result = self
    result.tokens.removeLast(tokens.count - length)
    result.counts.removeLast(counts.count - length)
    return result
  }
}
