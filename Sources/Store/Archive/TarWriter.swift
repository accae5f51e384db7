import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes an archive in the form of POSIX pax, the same bytes for the same entries.
///
/// Every entry is a regular file of mode 0644, of user and group 0, of the year 1970. A name over 100
/// bytes or a size over 8 GiB stands in an extended header before it.
final class TarWriter {
  static let blockSize = 512
  private static let largestSize = 0o777_7777_7777

  private let file: FileDescriptor
  private var buffer: [UInt8] = []

  init(creating path: String) throws(StoreError) {
    file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, operation: "write")
  }

  func add(_ name: String, _ bytes: [UInt8]) throws(StoreError) {
    try begin(name, size: bytes.count)
    try write(bytes)
    try pad(bytes.count)
  }

  /// Adds a file of known size whose bytes come in pieces; the digest of what came.
  func add(_ name: String, fileAt path: String, size: Int) throws(StoreError) -> ObjectRef {
    try begin(name, size: size)
    let source = try FileDescriptor(opening: path, O_RDONLY)
    var piece = [UInt8](repeating: 0, count: 256 * 1024)
    var hasher = SHA256Hasher()
    var copied = 0
    while true {
      let count = try source.read(into: &piece)
      guard count > 0 else { break }
      let bytes = Array(piece[..<count])
      hasher.update(bytes)
      copied += count
      guard copied <= size else { throw .changing(path: path) }
      try write(bytes)
    }
    guard copied == size else { throw .changing(path: path) }
    try pad(size)
    return ObjectRef(digest: hasher.finalize(), size: size)
  }

  /// Writes the end of the archive, and makes all durable.
  func finish() throws(StoreError) {
    try write([UInt8](repeating: 0, count: 2 * Self.blockSize))
    try flush()
    try file.synchronize()
  }

  // MARK: Blocks

  private func begin(_ name: String, size: Int) throws(StoreError) {
    var records: [UInt8] = []
    if name.utf8.count > 100 { records += Self.record("path", name) }
    if size > Self.largestSize { records += Self.record("size", "\(size)") }
    if !records.isEmpty {
      try write(Self.header("pax-header", size: records.count, type: UInt8(ascii: "x")))
      try write(records)
      try pad(records.count)
    }
    let shown = records.isEmpty ? name : String(decoding: name.utf8.prefix(100), as: UTF8.self)
    try write(Self.header(shown, size: min(size, Self.largestSize), type: UInt8(ascii: "0")))
  }

  /// `LENGTH KEY=VALUE\n`, where the length counts itself.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count + 1
    while "\(length)".utf8.count + rest.utf8.count != length {
      length = "\(length)".utf8.count + rest.utf8.count
    }
    return Array("\(length)\(rest)".utf8)
  }

  private static func header(_ name: String, size: Int, type: UInt8) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: blockSize)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(size, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("        ", at: 148)
    block[156] = type
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = block.reduce(0) { $0 + Int($1) }
    put("\(octal(sum, digits: 6))\0 ", at: 148)
    return block
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private func pad(_ size: Int) throws(StoreError) {
    let rest = size % Self.blockSize
    if rest > 0 { try write([UInt8](repeating: 0, count: Self.blockSize - rest)) }
  }

  private func write(_ bytes: [UInt8]) throws(StoreError) {
    buffer += bytes
    if buffer.count >= 1 << 20 { try flush() }
  }

  private func flush() throws(StoreError) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
