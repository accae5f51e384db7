/// The text of an answer as it grows token by token, cut before the first stop text.
///
/// Part of a character, and what may turn out to be the start of a stop text, is held back until it
/// is decided.
struct AnswerText {
  private let stops: [[UInt8]]
  private var bytes: [UInt8] = []
  /// Bytes that were taken.
  private var taken = 0
  /// Where the token began that was added last.
  private var lastStart = 0

  init(stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  var whole: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether anything is left of the last token's own bytes.
  var endsBehindTokenStart: Bool { bytes.count > lastStart }

  /// Adds a token's bytes; returns whether a stop text has come, before which the text then ends.
  mutating func append(_ more: [UInt8]) -> Bool {
    lastStart = bytes.count
    bytes.append(contentsOf: more)
    guard let cut = firstStop else { return false }
    bytes.removeLast(bytes.count - cut)
    return true
  }

  /// Where the earliest stop text begins that ends within the last token.
  private var firstStop: Int? {
    stops.compactMap { stop in
      let first = max(0, lastStart - stop.count + 1)
      guard bytes.count - stop.count >= first else { return nil }
      return (first...bytes.count - stop.count).first { bytes[$0...].starts(with: stop) }
    }.min()
  }

  /// What is decided and was not taken yet.
  mutating func takeSafe() -> String {
    take(upTo: min(bytes.count - heldForStops, bytes.count - heldForCharacters))
  }

  /// All that was not taken yet.
  mutating func takeRest() -> String { take(upTo: bytes.count) }

  private mutating func take(upTo end: Int) -> String {
    guard end > taken else { return "" }
    defer { taken = end }
    return String(decoding: bytes[taken..<end], as: UTF8.self)
  }

  /// Bytes at the end that begin a stop text: of all stop texts the longest such end.
  private var heldForStops: Int {
    stops.map { stop in
      let longest = min(stop.count - 1, bytes.count)
      return stride(from: longest, to: 0, by: -1).first { bytes.suffix($0) == stop.prefix($0) } ?? 0
    }.max() ?? 0
  }

  /// Bytes at the end that begin a character of UTF-8 and lack its rest.
  ///
  /// Where a stop text holds back more, the cut still falls between characters or into bytes that
  /// are none: a stop text starts with a whole character.
  private var heldForCharacters: Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      switch byte {
      case 0xC2...0xDF: return back < 2 ? back : 0
      case 0xE0...0xEF: return back < 3 ? back : 0
      case 0xF0...0xF4: return back
      case 0x80...0xBF: continue
      default: return 0
      }
    }
    return 0
  }
}
