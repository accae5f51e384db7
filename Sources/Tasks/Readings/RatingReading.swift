import Primitives

/// Finds the rating that a judge gave, a number within a range.
///
/// Strict: the last `[[4]]`; else the last `Rating: 4`, `score of 4/5`, `<rating>4</rating>`,
/// `"rating": 4`; else a number that the text begins with or that is its only one. Flexible: the last
/// number in the range. A marked rating out of the range, or over another scale (`8/10` where 5 is
/// the highest), is no rating, and nothing else in the text is taken for one.
struct RatingReading: Hashable, Sendable {
  let low: Double
  let high: Double

  /// The range of the ratings of the paper's judges.
  static let defaultRange = (low: 1.0, high: 5.0)

  func read(_ text: String) -> ReadAnswer {
    let bytes = Array(text.utf8)
    let ratings = RatingScanner(bytes).ratings
    let marked = ratings.last { $0.mark == .bracketed } ?? ratings.last { $0.mark == .named }
    if let marked {
      let value = self.value(marked)
      return ReadAnswer(strict: value, flexible: value, equal: Normalization.equal)
    }
    let first = ratings.first { $0.mark == .first } ?? (ratings.count == 1 ? ratings[0] : nil)
    return ReadAnswer(
      strict: first.flatMap(value),
      flexible: ratings.compactMap(value).last,
      equal: Normalization.equal
    )
  }

  /// The number as `Normalization` writes it, where it lies in the range.
  private func value(_ rating: RatingScanner.Rating) -> String? {
    if let scale = rating.scale, scale != high { return nil }
    guard let number = Double(rating.number), (low...high).contains(number) else { return nil }
    return Normalization.plainNumber(rating.number)
  }
}

/// The numbers of a judge's text that may be ratings.
struct RatingScanner {
  enum Mark {
    /// `[[4]]`.
    case bracketed
    /// Behind `rating`, `score` or `grade`.
    case named
    /// The first thing in the text.
    case first
    case none
  }

  struct Rating {
    let mark: Mark
    /// Digits, with a sign and decimals where it has them.
    let number: String
    /// What stands behind `/` or `out of`.
    let scale: Double?
  }

  private(set) var ratings: [Rating] = []
  private let bytes: [UInt8]
  private let small: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    small = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    var index = 0
    while index < bytes.count {
      guard let end = numberEnd(from: index) else {
        index += 1
        continue
      }
      index = add(index..<end)
    }
  }

  /// Notes a number unless it is an end of a range (`1 to 5`, `1-5`); gives where to go on.
  private mutating func add(_ range: Range<Int>) -> Int {
    var end = range.upperBound
    if let other = number(behind: ["-", "\u{2013}", " to ", " - ", " or ", " and "], at: end) {
      return other.upperBound
    }
    var scale: Double?
    if let over = number(behind: ["/", " / ", " out of "], at: end) {
      scale = Double(text(over))
      end = over.upperBound
    }
    ratings.append(Rating(mark: mark(range, end: end), number: text(range), scale: scale))
    return end
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private func isDigit(_ index: Int) -> Bool {
    bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index])
  }

  /// Behind the number that starts at a place, which is no part of a word or of a longer number.
  private func numberEnd(from start: Int) -> Int? {
    let digits = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
    guard isDigit(digits) else { return nil }
    if start > 0 {
      let before = bytes[start - 1]
      if ChoiceReading.isWordByte(before) || before == UInt8(ascii: ".") { return nil }
    }
    var end = digits
    while isDigit(end) { end += 1 }
    if end < bytes.count, bytes[end] == UInt8(ascii: "."), isDigit(end + 1) {
      end += 1
      while isDigit(end) { end += 1 }
    }
    return end < bytes.count && ChoiceReading.isWordByte(bytes[end]) ? nil : end
  }

  private func number(behind links: [String], at index: Int) -> Range<Int>? {
    for link in links where small[index...].starts(with: link.utf8) {
      let start = index + link.utf8.count
      if start < bytes.count, let end = numberEnd(from: start) { return start..<end }
      // "4/5" is read with the number behind the sign, which a "/" before it does not hide.
    }
    return nil
  }

  // MARK: What stands before

  /// How far a number may stand behind the word that names it, in bytes.
  private static let reach = 40

  private func mark(_ range: Range<Int>, end: Int) -> Mark {
    if small[..<range.lowerBound].suffix(2).elementsEqual("[[".utf8) { return .bracketed }
    if isNamed(range.lowerBound) { return .named }
    let before = small[..<range.lowerBound]
    return before.allSatisfy { !ChoiceReading.isWordByte($0) } ? .first : .none
  }

  /// Whether a word such as `rating` stands before, in the same sentence and with no other number or
  /// `scale` between.
  private func isNamed(_ start: Int) -> Bool {
    let from = max(start - Self.reach, 0)
    var piece = small[from..<start]
    if let stop = piece.indices.last(where: { ends(at: $0) }) { piece = piece[(stop + 1)...] }
    if piece.contains(where: { (0x30...0x39).contains($0) }) { return false }
    if !ByteSearch.ranges(of: "scale", in: piece).isEmpty { return false }
    return ["rating", "score", "grade", "rate"].contains { word in
      ByteSearch.ranges(of: word, in: piece).contains { range in
        range.lowerBound == 0 || !ChoiceReading.isWordByte(small[range.lowerBound - 1])
      }
    }
  }

  /// Ends of sentences; a line end only behind a line that has more than a heading's colon or marks.
  private func ends(at index: Int) -> Bool {
    switch small[index] {
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"), UInt8(ascii: ";"): return true
    case 0x0A:
      let line = small[..<index].last { !" *_#\n>".utf8.contains($0) }
      return line != UInt8(ascii: ":")
    default: return false
    }
  }
}
