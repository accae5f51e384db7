/// Whether a text ends by saying one thing over and over, as models do that have lost their way.
///
/// The rule, on the bytes of the text without white space at its end: its tail is one unit of at
/// most 1,024 bytes, repeated exactly; the first repetition may be cut.
///
/// - In a text that was cut at its limit: at least 4 times, over at least 256 bytes. It is out of
///   the training data anyway; this only says why.
/// - In a text that ended by itself: at least 12 times, over at least 1,024 bytes, or 4,096 where
///   the unit has fewer than three words. So lists, tables, rows of figures, rulers and code with
///   many equal lines pass, as does anything in which a number changes from line to line.
package enum Repetition {
  static let longestUnit = 1024

  package static func ends(_ text: String, isCut: Bool) -> Bool {
    let least = isCut ? 256 : 1024
    guard text.utf8.count >= least else { return false }
    var text = text
    return text.withUTF8 { bytes in
      let tail = trimmed(bytes)
      let times = isCut ? 4 : 12
      // Longer units would have to reach further back than the text does.
      let longest = min(longestUnit, tail.count / times)
      guard tail.count >= least, longest > 0 else { return false }
      let unit = (1...longest).first { repeats(tail, $0, over: max(least, times * $0)) }
      guard let unit else { return false }
      // It is the shortest such unit, so its words are counted once.
      return isCut || !isShort(tail.suffix(unit)) || repeats(tail, unit, over: 4096)
    }
  }

  /// Whether the last `count` bytes repeat after each `unit` bytes.
  ///
  /// For nearly all units the very first comparison says no.
  private static func repeats(
    _ bytes: Slice<UnsafeBufferPointer<UInt8>>,
    _ unit: Int,
    over count: Int
  ) -> Bool {
    guard bytes.count >= count else { return false }
    var index = bytes.endIndex - 1
    let first = bytes.endIndex - count + unit
    while index >= first {
      if bytes[index] != bytes[index - unit] { return false }
      index -= 1
    }
    return true
  }

  /// Whether the unit has fewer than three words.
  private static func isShort(_ unit: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    let words = unit.split(whereSeparator: isSpace).filter { $0.contains(where: isLetter) }
    return words.count < 3
  }

  private static func trimmed(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Slice<UnsafeBufferPointer<UInt8>> {
    bytes[..<((bytes.lastIndex { !isSpace($0) }.map { $0 + 1 }) ?? 0)]
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  /// Bytes of other scripts count as letters.
  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (0x61...0x7A).contains(byte | 0x20)
  }
}
