extension Tokenizer {
  /// Learns merges from text, most frequent pair first; equal counts go to the lower token ids.
  ///
  /// Ids: bytes from 0 to 255, then merges in their order, then the special tokens of the chat
  /// format, as the published byte-level tokenizers have it.
  ///
  /// - Parameters:
  ///   - texts: What to learn from.
  ///   - tokenCount: Tokens to have in the end; fewer where no pair occurs twice.
  ///   - specials: Texts of the special tokens.
  /// - Returns: The tokenizer; the same for the same texts, whatever their order.
  package static func trained(
    on texts: some Sequence<String>,
    tokenCount: Int,
    specials: [String] = ChatFormat.specials
  ) -> Tokenizer {
    var tokenBytes: [[UInt8]] = (UInt8.min...UInt8.max).map { [$0] }
    var pairs: [Pair] = []
    var words = wordCounts(in: texts)
    while tokenBytes.count + specials.count < tokenCount, let pair = mostFrequentPair(in: words) {
      let token = Int32(tokenBytes.count)
      tokenBytes.append(tokenBytes[Int(pair.left)] + tokenBytes[Int(pair.right)])
      pairs.append(pair)
      for index in words.indices {
        words[index].tokens = replace(pair, by: token, in: words[index].tokens)
      }
    }
    let first = Int32(tokenBytes.count)
    let added = specials.enumerated().map {
      Special(token: first + Int32($0.offset), text: $0.element)
    }
    do {
      return try Tokenizer(
        tokenBytes: tokenBytes + [[UInt8]?](repeating: nil, count: specials.count),
        merges: pairs,
        specials: added
      )
    } catch {
      fatalError("BUG: a trained tokenizer is refused: \(error)")
    }
  }

  private struct Word {
    var tokens: [Int32]
    let count: Int
  }

  /// Distinct pieces with their counts, in an order that does not hang on hashing.
  private static func wordCounts(in texts: some Sequence<String>) -> [Word] {
    var counts: [[UInt8]: Int] = [:]
    for text in texts {
      PreTokenizer.qwen.forEachPiece(of: text) { counts[Array($0), default: 0] += 1 }
    }
    return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { Word(tokens: $0.key.map(Int32.init), count: $0.value) }
  }

  private static func mostFrequentPair(in words: [Word]) -> Pair? {
    var counts: [Pair: Int] = [:]
    for word in words where word.tokens.count > 1 {
      for index in 1..<word.tokens.count {
        counts[Pair(left: word.tokens[index - 1], right: word.tokens[index]), default: 0] +=
          word.count
      }
    }
    let best = counts.max { one, other in
      if one.value != other.value { return one.value < other.value }
      return (one.key.left, one.key.right) > (other.key.left, other.key.right)
    }
    guard let best, best.value > 1 else { return nil }
    return best.key
  }

  /// Puts one token in the place of each occurrence of a pair, from left to right.
  private static func replace(_ pair: Pair, by token: Int32, in tokens: [Int32]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(tokens.count)
    var index = 0
    while index < tokens.count {
      if index + 1 < tokens.count, tokens[index] == pair.left, tokens[index + 1] == pair.right {
        result.append(token)
        index += 2
      } else {
        result.append(tokens[index])
        index += 1
      }
    }
    return result
  }
}
