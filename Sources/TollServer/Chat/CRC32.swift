/// The checksum of gzip (RFC 1952, section 8), which can also step over a long run of one byte.
struct CRC32 {
  private var state = UInt32.max

  var value: UInt32 { ~state }

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { state = Self.step(state, byte) }
  }

  /// Adds one byte so many times, in time that grows with the logarithm of the count.
  ///
  /// A step is an affine map of the state's 32 bits; maps are squared as numbers are in a power.
  mutating func add(_ byte: UInt8, times: Int) {
    var map = AffineMap { Self.step($0, byte) }
    var rest = times
    while rest > 0 {
      if rest & 1 == 1 { state = map(state) }
      let last = map
      map = AffineMap { last(last($0)) }
      rest >>= 1
    }
  }

  private static func step(_ state: UInt32, _ byte: UInt8) -> UInt32 {
    var state = state ^ UInt32(byte)
    for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
    return state
  }
}

/// A map of 32 bits onto 32 bits that is linear but for a constant.
private struct AffineMap {
  private let constant: UInt32
  /// Images of the single bits, less the constant.
  private let columns: [UInt32]

  init(_ body: (UInt32) -> UInt32) {
    let constant = body(0)
    self.constant = constant
    columns = (0..<32).map { body(1 << $0) ^ constant }
  }

  func callAsFunction(_ value: UInt32) -> UInt32 {
    columns.indices.reduce(constant) { value >> $1 & 1 == 1 ? $0 ^ columns[$1] : $0 }
  }
}
