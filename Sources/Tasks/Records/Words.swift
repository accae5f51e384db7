/// Words as runs of characters that are no white space (Unicode's White_Space).
package enum Words {
  package static func count(_ text: String) -> Int {
    var count = 0
    var isInside = false
    for scalar in text.unicodeScalars {
      let isSpace = scalar.properties.isWhitespace
      if !isSpace, !isInside { count += 1 }
      isInside = !isSpace
    }
    return count
  }

  /// The text up to the end of its n-th word, the space between words kept; nil when it has no
  /// more words than that and so is not cut.
  package static func prefix(_ text: String, words limit: Int) -> String? {
    var count = 0
    var isInside = false
    var end = text.unicodeScalars.startIndex
    for index in text.unicodeScalars.indices {
      let isSpace = text.unicodeScalars[index].properties.isWhitespace
      if !isSpace, !isInside {
        guard count < limit else { return String(text.unicodeScalars[..<end]) }
        count += 1
      }
      isInside = !isSpace
      if isInside { end = text.unicodeScalars.index(after: index) }
    }
    return nil
  }
}
