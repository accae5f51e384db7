/// A word, a number or a mark of a text.
struct TextToken {
  enum Kind {
    case word
    /// Begins with a digit: `1,450`, `2.5`, `19th`, `2-1`.
    case number
    /// Of one scalar; endings such as `'s` count as one too.
    case mark
  }

  let text: String
  let kind: Kind
  /// Whether white space stands before it.
  let isSpaced: Bool
  /// Whether a sentence, a line, a quotation or a list item begins with it.
  let isFirst: Bool

  /// Whether it begins with a capital, or has one inside (`iPhone`).
  var isCapitalised: Bool {
    kind == .word && text.unicodeScalars.contains { $0.properties.isUppercase }
  }

  /// Whether it is two or more capitals (`NATO`, `U.S.`), with or without a plural's `s`.
  var isAcronym: Bool {
    let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
    let body = letters.count > 2 && letters.last == "s" ? letters.dropLast() : letters[...]
    return kind == .word && body.count > 1 && body.allSatisfy { $0.properties.isUppercase }
  }
}

/// Cuts text into tokens, much as the Penn Treebank does.
///
/// Words keep inner hyphens and points, numbers their commas; `'s`, `n't` and the like are tokens of
/// their own, as is every mark. Goes through the text once.
struct TextTokeniser {
  private(set) var tokens: [TextToken] = []
  private let scalars: [Unicode.Scalar]
  /// Whether the next word begins something.
  private var isFirst = true

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    var index = 0
    var isSpaced = true
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.properties.isWhitespace {
        if scalar == "\n" { isFirst = true }
        isSpaced = true
        index += 1
        continue
      }
      let end = Self.isInner(scalar) ? wordEnd(index) : index + 1
      add(index..<end, isSpaced: isSpaced)
      index = end
      isSpaced = false
    }
  }

  /// Letters, digits and what accents them.
  private static func isInner(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return (0x30...0x39).contains(scalar.value) || (0x61...0x7A).contains(scalar.value | 0x20)
    }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      || scalar.properties.generalCategory == .nonspacingMark
  }

  private func wordEnd(_ start: Int) -> Int {
    var end = start
    while end < scalars.count {
      if Self.isInner(scalars[end]) {
        end += 1
      } else if "-.,'’&".unicodeScalars.contains(scalars[end]), joins(end, from: start) {
        end += 1
      } else {
        break
      }
    }
    // An initialism keeps its last point: `U.S.`, but not a sentence's last word.
    if end < scalars.count, scalars[end] == ".", end - start > 1, scalars[end - 2] == "." {
      end += 1
    }
    return end
  }

  /// Whether a mark inside of a word holds it together.
  private func joins(_ index: Int, from start: Int) -> Bool {
    guard index > start, index + 1 < scalars.count, Self.isInner(scalars[index + 1]) else {
      return false
    }
    let isDigit = scalars[index + 1].properties.numericType != nil
    switch scalars[index] {
    case ",": return isDigit && scalars[index - 1].properties.numericType != nil
    // `O'Neill`, but the ending of `Neill's` is a token of its own.
    case "'", "’":
      return index - start == 1 && scalars[index + 1].properties.isUppercase
    case "&": return scalars[index + 1].properties.isUppercase
    // A point without a space behind it joins initials and numbers, not two sentences.
    case ".": return isDigit || index - start == 1 || scalars[index - 2] == "."
    default: return true
    }
  }

  private mutating func add(_ range: Range<Int>, isSpaced: Bool) {
    let first = scalars[range.lowerBound]
    let text = String(String.UnicodeScalarView(scalars[range]))
    if Self.isInner(first) {
      let isEnding = !isSpaced && "'’".contains(tokens.last?.text ?? "")
      if isEnding, text.count <= 2, let mark = tokens.popLast() {
        tokens.append(
          TextToken(text: mark.text + text, kind: .mark, isSpaced: false, isFirst: false)
        )
        return
      }
      let kind: TextToken.Kind = first.properties.numericType != nil ? .number : .word
      tokens.append(TextToken(text: text, kind: kind, isSpaced: isSpaced, isFirst: isFirst))
      isFirst = false
      return
    }
    if begins(text) { isFirst = true }
    tokens.append(TextToken(text: text, kind: .mark, isSpaced: isSpaced, isFirst: false))
  }

  /// Whether a word behind a mark may have its capital for standing first.
  private func begins(_ mark: String) -> Bool {
    switch mark {
    case ".":
      guard let last = tokens.last, last.kind == .word else { return true }
      // Behind a title or an initial the sentence goes on.
      return !EntityLists.titles.contains(last.text) && last.text.unicodeScalars.count > 1
    case "!", "?", ":", "\"", "\u{201C}", "\u{2018}", "(", "[", "\u{2022}", "*", "#": return true
    default: return false
    }
  }
}
