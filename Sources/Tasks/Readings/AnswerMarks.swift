/// Places where a text says that an answer follows.
///
/// Works on UTF-8 bytes; letter case of ASCII letters does not matter.
struct AnswerMarks {
  private let bytes: [UInt8]
  /// The bytes with ASCII capitals made small, at the same places.
  private let small: [UInt8]

  /// Takes a completion without what it invented behind the answer.
  init(_ text: String) {
    let bytes = Array(text.utf8)
    let small = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let end = Self.runOn(small) ?? bytes.count
    self.bytes = Array(bytes[..<end])
    self.small = Array(small[..<end])
  }

  /// The text up to where the model began to invent a further question.
  var text: ArraySlice<UInt8> { bytes[...] }

  /// Base models go on with the next question of the prompt's form; where that line starts.
  private static func runOn(_ small: [UInt8]) -> Int? {
    let heads = ["q:", "question:", "problem:", "premise:", "input:", "human:", "user:"]
    var index = 0
    var hasContent = false
    while index < small.count {
      let line = small[index...].prefix { $0 != 0x0A }
      let content = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x23 || $0 == 0x2A }
      if hasContent, heads.contains(where: { content.starts(with: $0.utf8) }) { return index }
      if !content.isEmpty { hasContent = true }
      index = line.endIndex + 1
    }
    return nil
  }

  /// What stands in each `\boxed{…}`, braces counted, in order.
  var boxed: [ArraySlice<UInt8>] {
    let mark = #"\boxed{"#
    let marks = Set(ByteSearch.ranges(of: mark, in: small[...]).map { $0.upperBound - 1 })
    guard !marks.isEmpty else { return [] }
    var open: [Int] = []
    var boxes: [ArraySlice<UInt8>] = []
    // One pass over all braces: looking for the end of each box would take long where many are
    // left open.
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "{") { open.append(index) }
      guard bytes[index] == UInt8(ascii: "}"), let brace = open.popLast() else { continue }
      if marks.contains(brace) { boxes.append(bytes[(brace + 1)..<index]) }
    }
    return boxes
  }

  /// What follows each `####` on its line, in order.
  var hashed: [ArraySlice<UInt8>] {
    ByteSearch.ranges(of: "####", in: small[...]).map { line(from: $0.upperBound) }
  }

  /// What follows each `answer is`, `Answer:`, `answer (arabic numerals) is` and the like, up to
  /// the end of the sentence, in order.
  ///
  /// `The answer must be a place where …` says what an answer would have to be: sentences with `be`
  /// come after all others.
  var phrased: [ArraySlice<UInt8>] { linked.map(\.piece) }

  /// How the word is tied to what follows.
  enum Link {
    case stated, headed, supposed
  }

  /// The pieces of `phrased` with how each is tied to its `answer`.
  var linked: [(link: Link, piece: ArraySlice<UInt8>)] {
    let all = ByteSearch.ranges(of: "answer", in: small[...]).compactMap {
      word -> (link: Link, piece: ArraySlice<UInt8>)? in
      let before = word.lowerBound > 0 ? small[word.lowerBound - 1] : 0x20
      guard !Self.isLetter(before), let link = behindLink(word.upperBound) else { return nil }
      return (link.link, sentence(from: link.end))
    }
    return all.filter { $0.link != .supposed } + all.filter { $0.link == .supposed }
  }

  /// What follows an `A:` at the start of a line, on that line, in order.
  var lettered: [ArraySlice<UInt8>] {
    ByteSearch.ranges(of: "a:", in: small[...]).compactMap { mark in
      guard mark.lowerBound == 0 || small[mark.lowerBound - 1] == 0x0A else { return nil }
      return line(from: mark.upperBound)
    }
  }

  /// No sentence or line is looked at further than this, in bytes; so that a text of nothing but
  /// marks is read in a time that grows no faster than its length.
  private static let pieceLimit = 2000

  private func line(from start: Int) -> ArraySlice<UInt8> {
    bytes[start..<min(start + Self.pieceLimit, bytes.endIndex)].prefix { $0 != 0x0A }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  /// Behind the `is`, `be`, `:` or `=` that ties an answer to the word, which may stand a few words
  /// off (`answer to the question is`), but in the same sentence.
  private func behindLink(_ start: Int) -> (link: Link, end: Int)? {
    guard start >= small.count || !Self.isLetter(small[start]) else { return nil }
    let end = min(start + 60, small.count)
    var index = start
    while index < end {
      switch small[index] {
      case UInt8(ascii: ":"): return (.headed, index + 1)
      case UInt8(ascii: "="): return (.stated, index + 1)
      case 0x0A, UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"), UInt8(ascii: ";"):
        return nil
      default:
        let isWordStart = index > 0 && !Self.isLetter(small[index - 1])
        if isWordStart, isWord("is", at: index) { return (.stated, index + 2) }
        if isWordStart, isWord("be", at: index) { return (.supposed, index + 2) }
        index += 1
      }
    }
    return nil
  }

  private func isWord(_ word: String, at index: Int) -> Bool {
    guard small[index...].starts(with: word.utf8) else { return false }
    let end = index + word.utf8.count
    return end >= small.count || !Self.isLetter(small[end])
  }

  /// Up to the end of the sentence or line; line ends and emphasis before the first word are passed
  /// (`**Answer:**` and the number on the next line).
  private func sentence(from start: Int) -> ArraySlice<UInt8> {
    let skipped: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0x2A, 0x5F, 0x3A]
    let first = bytes[start...].firstIndex { !skipped.contains($0) } ?? bytes.endIndex
    let limit = min(first + Self.pieceLimit, bytes.endIndex)
    let end = (first..<limit).first { Sentence.ends(at: $0, in: bytes[...]) }
    return bytes[first..<(end ?? limit)]
  }
}
