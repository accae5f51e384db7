/// Hides what looks like a secret in a line that is shown: messages end up in logs that others read.
///
/// Whoever writes a key into a file is told so; the telling must not spread the key. Each scalar of
/// it becomes `•`, so that columns stay.
enum SecretMask {
  /// The line with the values of `api_key:`, passwords and queries in addresses and keys in the form
  /// `sk-…` hidden.
  static func apply(to line: String) -> String {
    var scalars = Array(line.unicodeScalars)
    for range in keyValues(in: scalars) + passwords(in: scalars) + queries(in: scalars)
      + tokens(in: scalars)
    {
      for index in range { scalars[index] = "•" }
    }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Keys whose values are secrets wherever they stand.
  private static let secretKeys = ["api_key", "api-key", "apikey", "password", "secret", "token"]

  /// What stands behind `api_key:` and the like, unless it is a map that says where the key is.
  private static func keyValues(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    secretKeys.flatMap { key in
      places(of: key, in: scalars).compactMap { value(of: key, at: $0, in: scalars) }
    }
  }

  private static func value(of key: String, at place: Int, in scalars: [Unicode.Scalar])
    -> Range<Int>?
  {
    let isInWord = place > 0 && scalars[place - 1].properties.isAlphabetic
    var start = place + key.unicodeScalars.count
    if start < scalars.count, isQuote(scalars[start]) { start += 1 }
    guard !isInWord, start < scalars.count, scalars[start] == ":" else { return nil }
    start = scalars[(start + 1)...].firstIndex { $0 != " " } ?? scalars.count
    guard start < scalars.count, scalars[start] != "{" else { return nil }
    guard isQuote(scalars[start]) else { return start..<end(from: start, in: scalars) }
    let close = scalars[(start + 1)...].firstIndex(of: scalars[start]) ?? scalars.count
    return start + 1..<close
  }

  private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\"" }

  /// `name:password` in `https://name:password@host`.
  private static func passwords(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    places(of: "://", in: scalars).compactMap { place in
      let start = place + 3
      let rest = start..<end(from: start, in: scalars)
      let authority = rest.prefix { scalars[$0] != "/" }
      guard let at = authority.last(where: { scalars[$0] == "@" }) else { return nil }
      return start..<at
    }
  }

  /// `?key=…` in `https://host/path?key=…`.
  private static func queries(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    places(of: "://", in: scalars).compactMap { place in
      let stop = end(from: place, in: scalars)
      return scalars[place..<stop].firstIndex(of: "?").map { $0 + 1..<stop }
    }
  }

  /// Keys as several providers make them.
  private static func tokens(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    places(of: "sk-", in: scalars).compactMap { place in
      let range = place..<end(from: place, in: scalars)
      let isInWord = place > 0 && scalars[place - 1].properties.isAlphabetic
      return range.count >= 12 && !isInWord ? range : nil
    }
  }

  /// Where a value without spaces, quotes, commas and brackets ends.
  private static func end(from start: Int, in scalars: [Unicode.Scalar]) -> Int {
    scalars[start...].firstIndex { " \t,'\"}]".unicodeScalars.contains($0) } ?? scalars.count
  }

  private static func places(of word: String, in scalars: [Unicode.Scalar]) -> [Int] {
    let letters = Array(word.unicodeScalars)
    guard let first = letters.first, scalars.count >= letters.count else { return [] }
    return (0...scalars.count - letters.count).filter {
      // The first letter alone rules out nearly all places, much faster.
      scalars[$0] == first && scalars[$0...].starts(with: letters)
    }
  }
}
