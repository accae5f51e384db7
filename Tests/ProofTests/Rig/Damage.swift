import Foundation

/// One way in which a file goes bad.
enum Damage: CustomStringConvertible {
  case flip(byte: Int, bit: Int)
  /// Only so many bytes are left.
  case cut(Int)
  case zeros(from: Int, count: Int)
  case gone
  /// It has the bytes of another file, and that one its own.
  case swapped(with: String)
  case replaced(by: Data)
  /// Changed before, by other means.
  case edited

  struct DidNotChange: Error { let damage: String }

  var description: String {
    switch self {
    case .flip(let byte, let bit): "bit \(bit) of byte \(byte) flipped"
    case .cut(let size): "cut to \(size) bytes"
    case .zeros(let start, let count): "\(count) zeros from \(start)"
    case .gone: "deleted"
    case .swapped(let other): "swapped with \(other)"
    case .replaced, .edited: "edited"
    }
  }

  /// The bytes that it touches of a file of so many.
  func touched(of size: Int) -> Range<Int> {
    switch self {
    case .flip(let byte, _): byte..<byte + 1
    case .cut(let kept): kept..<size
    case .zeros(let start, let count): start..<start + count
    case .gone, .swapped, .replaced, .edited: 0..<size
    }
  }

  /// Does it to a file below a folder.
  func apply(to name: String, in folder: String) throws {
    if case .edited = self { return }
    let path = "\(folder)/\(name)"
    guard case .gone = self else {
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      if case .swapped(let other) = self {
        try Self.write(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(other)")), to: path)
        return try Self.write(before, to: "\(folder)/\(other)")
      }
      let after = changed(before)
      guard after != before else { throw DidNotChange(damage: "\(name): \(self)") }
      return try Self.write(after, to: path)
    }
    try FileManager.default.removeItem(atPath: path)
  }

  private func changed(_ before: Data) -> Data {
    var bytes = before
    switch self {
    case .flip(let byte, let bit): bytes[byte] ^= 1 << bit
    case .cut(let size): bytes = bytes.prefix(size)
    case .zeros(let start, let count):
      bytes.replaceSubrange(start..<start + count, with: Data(count: count))
    case .replaced(let other): bytes = other
    case .gone, .swapped, .edited: break
    }
    return bytes
  }

  private static func write(_ bytes: Data, to path: String) throws {
    // Objects may not be written to, and a database must stay the same file.
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: bytes)
    try file.close()
  }
}
