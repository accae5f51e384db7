/// Cuts a text into the pieces that byte-pair merges may not cross.
///
/// A scanner written by hand for the four patterns that byte-level tokenizers come with. Every scalar
/// falls into exactly one piece.
package enum PreTokenizer: Sendable, CaseIterable {
  /// Contractions, words with the character before them, digits one by one, punctuation with line
  /// ends behind it, line ends, spaces.
  case qwen
  /// The same, but up to three digits together.
  case llama3
  /// Contractions in small letters, then words, numbers and punctuation with the space before them.
  case gpt2
  /// The same within what lies between digits, which stand alone.
  case gpt2WithDigits

  private static let modernStart =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
  private static let modernEnd =
    #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// The pattern as `tokenizer.json` states it; nil where it is part of `ByteLevel` there.
  var pattern: String? {
    switch self {
    case .qwen: Self.modernStart + #"\p{N}"# + Self.modernEnd
    case .llama3: Self.modernStart + #"\p{N}{1,3}"# + Self.modernEnd
    case .gpt2, .gpt2WithDigits: nil
    }
  }

  fileprivate var isModern: Bool { pattern != nil }

  /// Calls `body` with the UTF-8 bytes of each piece, in order.
  func forEachPiece(of text: String, _ body: (ArraySlice<UInt8>) -> Void) {
    let bytes = Array(text.utf8)
    var scanner = Scanner(text, self)
    while let range = scanner.next() { body(bytes[range]) }
  }
}

/// What the pattern tells apart.
private enum ScalarClass {
  case letter, number, lineEnd, space, other

  init(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "a"..."z", "A"..."Z": self = .letter
    case "0"..."9": self = .number
    case "\n", "\r": self = .lineEnd
    case " ", "\t", "\u{0B}", "\u{0C}": self = .space
    case _ where scalar.isASCII: self = .other
    default: self = Self.beyondASCII(scalar)
    }
  }

  private static func beyondASCII(_ scalar: Unicode.Scalar) -> ScalarClass {
    let properties = scalar.properties
    if properties.isWhitespace { return .space }
    return switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: .other
    }
  }

  var isSpace: Bool { self == .space || self == .lineEnd }
}

private struct Scanner {
  private let kind: PreTokenizer
  private let scalars: [Unicode.Scalar]
  private let classes: [ScalarClass]
  private var index = 0
  private var offset = 0
  /// Where the text ends for the pattern: digits that stand alone cut it into parts.
  private var limit = 0

  init(_ text: String, _ kind: PreTokenizer) {
    self.kind = kind
    scalars = Array(text.unicodeScalars)
    classes = scalars.map(ScalarClass.init)
  }

  /// Byte range of the next piece; nil behind the last.
  mutating func next() -> Range<Int>? {
    guard index < scalars.count else { return nil }
    if index >= limit { limit = partEnd }
    let end = pieceEnd
    let length = scalars[index..<end].reduce(0) { $0 + UTF8.width($1) }
    defer {
      index = end
      offset += length
    }
    return offset..<offset + length
  }

  private var partEnd: Int {
    guard kind == .gpt2WithDigits else { return scalars.count }
    if classes[index] == .number { return index + 1 }
    return classes[index...].firstIndex(of: .number) ?? scalars.count
  }

  /// The alternatives of the pattern in its order; the first that fits wins.
  private var pieceEnd: Int {
    contractionEnd ?? wordEnd ?? numberEnd ?? punctuationEnd ?? spaceEnd
  }

  private func classAt(_ position: Int) -> ScalarClass? {
    position < limit ? classes[position] : nil
  }

  private func run(from start: Int, while condition: (ScalarClass) -> Bool) -> Int {
    var end = start
    while end < limit, condition(classes[end]) { end += 1 }
    return end
  }

  /// Contractions: `'s|'t|'re|'ve|'m|'ll|'d`, of any case in the modern patterns.
  private var contractionEnd: Int? {
    guard scalars[index] == "'", index + 1 < limit else { return nil }
    let first = folded(scalars[index + 1])
    if ["s", "t", "m", "d"].contains(first) { return index + 2 }
    guard index + 2 < limit else { return nil }
    let both = first + folded(scalars[index + 2])
    return ["re", "ve", "ll"].contains(both) ? index + 3 : nil
  }

  private func folded(_ scalar: Unicode.Scalar) -> String {
    guard kind.isModern else { return String(scalar) }
    // The long s is a small letter, and still the same letter to a pattern that ignores case.
    return scalar == "\u{17F}" ? "s" : scalar.properties.lowercaseMapping
  }

  /// Words: `[^\r\n\p{L}\p{N}]?\p{L}+`, or ` ?\p{L}+`.
  private var wordEnd: Int? {
    let leads =
      kind.isModern
      ? classes[index] == .space || classes[index] == .other : scalars[index] == " "
    let start = leads ? index + 1 : index
    guard classAt(start) == .letter else { return nil }
    return run(from: start) { $0 == .letter }
  }

  /// Numbers: `\p{N}`, `\p{N}{1,3}`, or ` ?\p{N}+`.
  private var numberEnd: Int? {
    let leads = !kind.isModern && scalars[index] == " "
    let start = leads ? index + 1 : index
    guard classAt(start) == .number else { return nil }
    let end = run(from: start) { $0 == .number }
    return switch kind {
    case .qwen: start + 1
    case .llama3: min(end, start + 3)
    case .gpt2, .gpt2WithDigits: end
    }
  }

  /// Punctuation: ` ?[^\s\p{L}\p{N}]+`, and `[\r\n]*` in the modern patterns.
  private var punctuationEnd: Int? {
    let start = scalars[index] == " " ? index + 1 : index
    guard classAt(start) == .other else { return nil }
    let end = run(from: start) { $0 == .other }
    return kind.isModern ? run(from: end) { $0 == .lineEnd } : end
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line end, else leaving one space to what follows;
  /// the older pattern lacks the first part.
  private var spaceEnd: Int {
    let end = run(from: index) { $0.isSpace }
    if kind.isModern, let last = classes[index..<end].lastIndex(of: .lineEnd) { return last + 1 }
    return end < limit && end - index > 1 ? end - 1 : end
  }
}
