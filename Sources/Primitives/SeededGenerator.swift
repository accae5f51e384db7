/// Random numbers that are the same on every machine, for every release, for one seed.
///
/// xoshiro256** 1.0, its state filled by SplitMix64 from the seed. The standard library states no
/// algorithm for `shuffle` or `random(in:)`, so results that must last use the functions here.
///
/// Source: Blackman and Vigna 2021, "Scrambled Linear Pseudorandom Number Generators"; Steele, Lea
/// and Flood 2014 (SplitMix).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var word = mix
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// A generator for one purpose of several under a seed: streams with other labels are unrelated.
  ///
  /// The seed is the first eight bytes of SHA-256 over `"<seed>:<label>"`.
  package init(seed: Int64, label: String) {
    self.init(seed: Digest(of: "\(seed):\(label)").words.0)
  }

  package mutating func next() -> UInt64 {
    let result = Self.rotate(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotate(state.3, by: 45)
    return result
  }

  private static func rotate(_ word: UInt64, by count: UInt64) -> UInt64 {
    word << count | word >> (64 - count)
  }

  /// A whole number in `0..<bound`, without bias (Lemire 2019, the multiply-and-reject method).
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "BUG: below(\(bound)) has no number to choose")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A number in `[0, 1)` with 53 random bits.
  package mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Shuffles in place from the last element down (Fisher and Yates, in Durstenfeld's form).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for index in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(index, below(index + 1))
    }
  }
}
