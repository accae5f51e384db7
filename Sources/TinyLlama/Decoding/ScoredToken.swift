#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A token of an answer with its probability, and that of its most probable alternatives.
package struct ScoredToken: Sendable, Hashable {
  /// One token that could be said.
  package struct Option: Sendable, Hashable {
    /// What it says; may be part of a character, and is empty for special tokens.
    package let bytes: [UInt8]
    /// Natural logarithm of the probability at temperature 1, in steps of a millionth: the last bits
    /// of a logarithm differ between systems.
    package let logarithm: Double
  }

  package let chosen: Option
  /// The most probable tokens, the chosen one among them if it is one of them; most probable first.
  package let alternatives: [Option]

  /// - Parameters:
  ///   - token: The one that was chosen.
  ///   - scores: Of all tokens, finite.
  ///   - count: How many alternatives to keep.
  ///   - tokenizer: Knows what tokens say.
  init(
    _ token: Int32,
    _ scores: UnsafeBufferPointer<Float>,
    _ count: Int,
    _ tokenizer: Tokenizer
  ) {
    let highest = Double(scores.max() ?? 0)
    let total = log(scores.reduce(0) { $0 + exp(Double($1) - highest) })
    func option(_ token: Int) -> Option {
      let logarithm = Double(scores[token]) - highest - total
      return Option(
        bytes: tokenizer.bytes(of: Int32(token)),
        logarithm: (logarithm * 1e6).rounded() / 1e6
      )
    }
    chosen = option(Int(token))
    let best = count == 0 ? [] : scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    alternatives = best.prefix(count).map(option)
  }
}
