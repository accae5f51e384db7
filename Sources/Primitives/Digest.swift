/// A SHA-256 digest: the name of an object, the identity of an action.
///
/// Held as four big-endian words, so that comparing two digests compares their bytes.
package struct Digest: Hashable, Sendable {
  package let words: (UInt64, UInt64, UInt64, UInt64)

  /// Takes the 32 bytes of a finished hash; any other count is a bug.
  package init(bytes: some Collection<UInt8>) {
    precondition(bytes.count == 32, "BUG: a SHA-256 digest has 32 bytes, not \(bytes.count)")
    self.init { buffer in
      // Most collections hand over their bytes as a block; copying them one by one is far slower.
      if bytes.withContiguousStorageIfAvailable({ buffer.copyBytes(from: $0) }) == nil {
        buffer.copyBytes(from: bytes)
      }
    }
  }

  /// Takes the bytes that the closure writes into a buffer of 32.
  init(writing body: (UnsafeMutableRawBufferPointer) -> Void) {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words) { body($0) }
    self.words = (
      UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
      UInt64(bigEndian: words.3)
    )
  }

  /// Lends the 32 bytes without an array of their own.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let bigEndian = (
      words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
    )
    return withUnsafeBytes(of: bigEndian) { body($0) }
  }

  /// Reads 64 lowercase hexadecimal digits; nil for anything else.
  package init?(hex: some StringProtocol) {
    var text = String(hex)
    guard let words = text.withUTF8({ Self.words(hex: $0) }) else { return nil }
    self.words = words
  }

  private static func words(
    hex digits: UnsafeBufferPointer<UInt8>
  ) -> (UInt64, UInt64, UInt64, UInt64)? {
    func word(_ number: Int) -> UInt64? {
      var word: UInt64 = 0
      for digit in digits[16 * number..<16 * number + 16] {
        guard let nibble = nibble(digit) else { return nil }
        word = word << 4 | nibble
      }
      return word
    }
    guard digits.count == 64, let first = word(0), let second = word(1), let third = word(2),
      let fourth = word(3)
    else { return nil }
    return (first, second, third, fourth)
  }

  private static func nibble(_ digit: UInt8) -> UInt64? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
    default: nil
    }
  }

  /// The digest of bytes at hand.
  package init(of bytes: some Sequence<UInt8>) {
    var hasher = SHA256Hasher()
    if bytes.withContiguousStorageIfAvailable({ hasher.update(UnsafeRawBufferPointer($0)) }) == nil
    {
      hasher.update(Array(bytes))
    }
    self = hasher.finalize()
  }

  /// The digest of a text's UTF-8 bytes.
  package init(of text: String) {
    self.init(of: text.utf8)
  }

  package var bytes: [UInt8] { withBytes { [UInt8]($0) } }

  /// 64 lowercase hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: 64) { text in
      withBytes { bytes in
        for (index, byte) in bytes.enumerated() {
          text[2 * index] = Self.digit(byte >> 4)
          text[2 * index + 1] = Self.digit(byte & 15)
        }
      }
      return 64
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }

  /// The first eight digits, for people; never for look-up.
  package var short: String { String(hex.prefix(8)) }

  package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

  /// One word is enough: the bits of a SHA-256 are evenly spread already.
  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension Digest: Comparable {
  package static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }
}

extension Digest: CustomStringConvertible {
  package var description: String { hex }
}
