/// Finds entities by rules and lists: dates, numbers with their units of count, names of people,
/// organisations and places.
///
/// A run of capitalised words is a name. A word that has its capital for standing first in a
/// sentence is one only where the text writes it so inside of a sentence too, where a list knows it,
/// or where further capitals follow. English; fast (one pass), bounded and the same everywhere, and
/// by far not as good as a trained model: for that there is `command:`.
package struct BuiltInRecogniser: EntityRecogniser {
  /// Raised when the same text would give other entities.
  static let version = 1

  package init() {}

  package var identity: String { "built-in/\(Self.version)" }

  package func recognise(_ texts: [String]) async throws -> [RecognisedText] {
    texts.map(recognise)
  }

  package func recognise(_ text: String) -> RecognisedText {
    let tokens = TextTokeniser(text).tokens
    var scan = EntityScan(tokens)
    return RecognisedText(entities: scan.entities(), tokens: tokens.count)
  }
}

/// One pass over the tokens of a text.
private struct EntityScan {
  private let tokens: [TextToken]
  /// Words that stand with a capital where none is due.
  private let names: Set<String>
  private var index = 0

  /// No entity has more tokens: what is longer is a heading in capitals.
  private static let lengthLimit = 8

  init(_ tokens: [TextToken]) {
    self.tokens = tokens
    names = Set(
      tokens.lazy
        .filter {
          $0.isCapitalised && !$0.isFirst && !EntityLists.common.contains($0.text.lowercased())
        }
        .map(\.text)
    )
  }

  mutating func entities() -> [String] {
    var found: [String] = []
    while index < tokens.count {
      let end = dateEnd() ?? numberEnd() ?? nameEnd()
      if let end {
        found.append(text(index..<end))
        index = end
      } else {
        index += 1
      }
    }
    return found
  }

  /// As it stands in the text, any white space written as one space.
  private func text(_ range: Range<Int>) -> String {
    tokens[range].reduce(into: "") { text, token in
      if token.isSpaced, !text.isEmpty { text += " " }
      text += token.text
    }
  }

  private func token(_ place: Int) -> TextToken? {
    tokens.indices.contains(place) ? tokens[place] : nil
  }

  // MARK: Dates and numbers

  /// Behind a date: `7 December 2014`, `March 29, 2004`, `Saturday`, `2014`, `1990s`.
  private func dateEnd() -> Int? {
    var end = index
    if isDay(end), isMonth(end + 1) { end += 1 }
    if isMonth(end) {
      end += 1
      if end == index + 1, isDay(end) { end += 1 }
      let year = token(end)?.text == "," ? end + 1 : end
      return isYear(year) ? year + 1 : end
    }
    if let word = token(index), EntityLists.weekdays.contains(word.text) { return index + 1 }
    return isYear(index) ? index + 1 : nil
  }

  private func isMonth(_ place: Int) -> Bool {
    guard let token = token(place), EntityLists.months.contains(token.text) else { return false }
    // At a sentence's start these two are mostly verbs.
    return !(token.isFirst && ["May", "March"].contains(token.text))
  }

  private func isDay(_ place: Int) -> Bool {
    guard let token = token(place), token.kind == .number else { return false }
    let digits = token.text.prefix { $0.isNumber }
    return (1...2).contains(digits.count)
      && ["", "st", "nd", "rd", "th"].contains(token.text.dropFirst(digits.count))
  }

  private func isYear(_ place: Int) -> Bool {
    guard let token = token(place), token.kind == .number else { return false }
    let digits = token.text.prefix { $0.isNumber }
    guard digits.count == 4, let year = Int(digits), (1000...2199).contains(year) else {
      return false
    }
    return ["", "s"].contains(token.text.dropFirst(4))
  }

  /// Behind a number, currency before it and a magnitude, `%` or `percent` behind it included.
  private func numberEnd() -> Int? {
    var end = index
    if let sign = token(end), ["$", "€", "£", "¥"].contains(sign.text) { end += 1 }
    guard let number = token(end) else { return nil }
    let isWritten = EntityLists.numbers.contains(number.text.lowercased())
    guard number.kind == .number || isWritten else { return nil }
    end += 1
    while let next = token(end), EntityLists.magnitudes.contains(next.text.lowercased()) {
      end += 1
    }
    return end
  }

  // MARK: Names

  private func nameEnd() -> Int? {
    guard let first = token(index), isName(index) else { return nil }
    if EntityLists.titles.contains(first.text) { return nil }
    var end = index + 1
    while end < tokens.count, end - index < Self.lengthLimit {
      if joins(end) || isInitial(end) {
        end += 1
      } else if let connector = token(end), EntityLists.connectors.contains(connector.text),
        joins(end + 1)
      {
        end += 2
      } else {
        break
      }
    }
    return end > index + 1 || isSure(first) ? end : nil
  }

  /// Whether a token carries on a name that stands before it.
  private func joins(_ place: Int) -> Bool {
    guard let token = token(place), token.isSpaced, !token.isFirst else { return false }
    if token.kind == .number { return false }
    return isName(place) && !EntityLists.weekdays.contains(token.text)
  }

  /// Whether a token is the point behind an initial that a name goes on from (`J. Hart`).
  private func isInitial(_ place: Int) -> Bool {
    guard let point = token(place), point.text == ".", !point.isSpaced, joins(place + 1) else {
      return false
    }
    return tokens[place - 1].text.unicodeScalars.count == 1
  }

  private func isName(_ place: Int) -> Bool {
    guard let token = token(place), token.isCapitalised else { return false }
    return !EntityLists.common.contains(token.text.lowercased()) || token.isAcronym
  }

  /// Whether the word here is a name alone, though its capital may come from where it stands.
  private func isSure(_ word: TextToken) -> Bool {
    if !word.isFirst || word.isAcronym || names.contains(word.text) { return true }
    if EntityLists.places.contains(word.text) || EntityLists.people.contains(word.text) {
      return true
    }
    // Of words that begin sentences few but names have a genitive.
    return ["'s", "’s"].contains(token(index + 1)?.text)
  }
}
