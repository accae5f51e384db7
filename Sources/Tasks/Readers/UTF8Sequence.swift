/// Which bytes are well-formed UTF-8 (Unicode 16, table 3-7).
enum UTF8Sequence {
  /// How many bytes the character at an index has; 0 where none is.
  static func length(in bytes: ArraySlice<UInt8>, at index: Int) -> Int {
    let rest = bytes[index...].prefix(4)
    guard let first = rest.first else { return 0 }
    let second: ClosedRange<UInt8> =
      switch first {
      case 0xE0: 0xA0...0xBF
      case 0xED: 0x80...0x9F
      case 0xF0: 0x90...0xBF
      case 0xF4: 0x80...0x8F
      default: 0x80...0xBF
      }
    let length =
      switch first {
      case 0x00...0x7F: 1
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 0
      }
    guard length > 1 else { return length }
    guard rest.count >= length, second.contains(rest[index + 1]),
      rest[(index + 1)..<(index + length)].allSatisfy({ $0 & 0xC0 == 0x80 })
    else { return 0 }
    return length
  }

  /// The index of the first byte that is no part of a character; nil where all are.
  static func firstFault(in bytes: ArraySlice<UInt8>) -> Int? {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let length = length(in: bytes, at: index)
      guard length > 0 else { return index }
      index += length
    }
    return nil
  }
}
