/// A set of scalars, one of which a place of a pattern takes.
struct PatternClass: Sendable {
  /// The kinds that have an escape of their own, by Python's definitions.
  enum Kind: Sendable {
    case digit, space, word
    /// Everything but a line feed (`.`).
    case notLineFeed
    case anything
  }

  private let ranges: [ClosedRange<UInt32>]
  private let kinds: [(kind: Kind, isNegated: Bool)]
  private let isNegated: Bool
  private let ignoresCase: Bool
  /// The answer for each of the first 128 scalars, so that most text is looked up and not computed.
  private var low: (UInt64, UInt64) = (0, 0)

  init(
    ranges: [ClosedRange<UInt32>] = [],
    kinds: [(kind: Kind, isNegated: Bool)] = [],
    isNegated: Bool = false,
    ignoresCase: Bool = false
  ) {
    self.ranges = ranges
    self.kinds = kinds
    self.isNegated = isNegated
    self.ignoresCase = ignoresCase
    for value in 0..<UInt32(64) {
      if computed(Unicode.Scalar(UInt8(value))) { low.0 |= 1 << UInt64(value) }
      if computed(Unicode.Scalar(UInt8(value + 64))) { low.1 |= 1 << UInt64(value) }
    }
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<64: low.0 >> UInt64(scalar.value) & 1 == 1
    case 64..<128: low.1 >> UInt64(scalar.value - 64) & 1 == 1
    default: computed(scalar)
    }
  }

  private func computed(_ scalar: Unicode.Scalar) -> Bool {
    let isMember =
      ignoresCase
      ? Self.sameLetters(scalar).contains { holds($0) } : holds(scalar)
    return isMember != isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) }
      || kinds.contains { Self.holds(scalar, $0.kind) != $0.isNegated }
  }

  /// The scalars that `re.IGNORECASE` takes for the same one.
  ///
  /// Besides capital and small these are a few that share one of both: `K` and the kelvin sign, `s`
  /// and the long s, `i` with and without its dot.
  private static func sameLetters(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    var letters = [scalar]
    func add(_ mapping: String) {
      let scalars = mapping.unicodeScalars
      if scalars.count == 1, let only = scalars.first, !letters.contains(only) {
        letters.append(only)
      }
    }
    add(scalar.properties.lowercaseMapping)
    add(scalar.properties.uppercaseMapping)
    for family: [Unicode.Scalar] in [
      ["i", "I", "\u{130}", "\u{131}"], ["s", "S", "\u{17F}"], ["k", "K", "\u{212A}"],
    ] where family.contains(scalar) {
      letters += family.filter { !letters.contains($0) }
    }
    return letters
  }

  private static func holds(_ scalar: Unicode.Scalar, _ kind: Kind) -> Bool {
    switch kind {
    case .anything: true
    case .notLineFeed: scalar != "\n"
    case .digit: scalar.properties.generalCategory == .decimalNumber
    case .space: PythonText.isSpace(scalar)
    case .word: isWord(scalar)
    }
  }

  /// Python's `str.isalnum` and the underscore.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "_" { return true }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return true
    default: return scalar.properties.numericType != nil
    }
  }
}
