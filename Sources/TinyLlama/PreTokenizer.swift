/// Cuts a text into the pieces that byte-pair merges may not cross.
///
/// A scanner written by hand for one pattern, the one of the Qwen tokenizers: contractions, words
/// with the character before them, digits one by one, punctuation with line ends behind it, line
/// ends, spaces. Every scalar falls into exactly one piece.
enum PreTokenizer {
  /// The pattern as `tokenizer.json` states it; a file with another is refused.
  static let pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Calls `body` with the UTF-8 bytes of each piece, in order.
  static func forEachPiece(of text: String, _ body: (ArraySlice<UInt8>) -> Void) {
    let bytes = Array(text.utf8)
    var scanner = Scanner(text)
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
  private let scalars: [Unicode.Scalar]
  private let classes: [ScalarClass]
  private var index = 0
  private var offset = 0

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    classes = scalars.map(ScalarClass.init)
  }

  /// Byte range of the next piece; nil behind the last.
  mutating func next() -> Range<Int>? {
    guard index < scalars.count else { return nil }
    let end = pieceEnd
    let length = scalars[index..<end].reduce(0) { $0 + UTF8.width($1) }
    defer {
      index = end
      offset += length
    }
    return offset..<offset + length
  }

  /// The alternatives of the pattern in its order; the first that fits wins.
  private var pieceEnd: Int {
    contractionEnd ?? wordEnd ?? (classes[index] == .number ? index + 1 : nil) ?? punctuationEnd
      ?? spaceEnd
  }

  private func classAt(_ position: Int) -> ScalarClass? {
    position < classes.count ? classes[position] : nil
  }

  private func run(from start: Int, while condition: (ScalarClass) -> Bool) -> Int {
    var end = start
    while end < classes.count, condition(classes[end]) { end += 1 }
    return end
  }

  /// Contractions: `(?i:'s|'t|'re|'ve|'m|'ll|'d)`.
  private var contractionEnd: Int? {
    guard scalars[index] == "'", index + 1 < scalars.count else { return nil }
    let first = scalars[index + 1].properties.lowercaseMapping
    if ["s", "t", "m", "d"].contains(first) { return index + 2 }
    guard index + 2 < scalars.count else { return nil }
    let both = first + scalars[index + 2].properties.lowercaseMapping
    return ["re", "ve", "ll"].contains(both) ? index + 3 : nil
  }

  /// Words: `[^\r\n\p{L}\p{N}]?\p{L}+`.
  private var wordEnd: Int? {
    let leads = classes[index] == .space || classes[index] == .other
    let start = leads ? index + 1 : index
    guard classAt(start) == .letter else { return nil }
    return run(from: start) { $0 == .letter }
  }

  /// Punctuation: ` ?[^\s\p{L}\p{N}]+[\r\n]*`.
  private var punctuationEnd: Int? {
    let start = scalars[index] == " " ? index + 1 : index
    guard classAt(start) == .other else { return nil }
    return run(from: run(from: start) { $0 == .other }) { $0 == .lineEnd }
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line end, else leaving one space to what follows.
  private var spaceEnd: Int {
    let end = run(from: index) { $0.isSpace }
    if let last = classes[index..<end].lastIndex(of: .lineEnd) { return last + 1 }
    return end < classes.count && end - index > 1 ? end - 1 : end
  }
}
