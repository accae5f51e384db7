import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads an archive of `TarWriter`'s form, and refuses any other: links, devices, folders, names that
/// are not UTF-8, padding that is not zero, an end that is missing.
final class TarReader {
  struct Entry {
    let name: String
    let size: Int
  }

  private static let longestHeader = 4096

  private let path: String
  private let file: FileDescriptor
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)
  private var rest: Range<Int> = 0..<0
  /// Bytes of the current entry that were not read yet, and its padding.
  private var left = 0
  private var padding = 0

  init(_ path: String) throws(StoreError) {
    self.path = path
    file = try FileDescriptor(opening: path, O_RDONLY)
  }

  /// The next file; nil behind the last, once the end was found as it must be.
  func next() throws(StoreError) -> Entry? {
    try skip()
    guard let block = try header() else { return nil }
    var entry = Entry(name: try name(block), size: try number(block[124..<136]))
    switch block[156] {
    case UInt8(ascii: "0"): break
    case UInt8(ascii: "x"): entry = try extended(entry.size)
    default: throw refused("'\(entry.name)' is no regular file")
    }
    (left, padding) = (entry.size, (512 - entry.size % 512) % 512)
    return entry
  }

  /// Hands over the bytes of the current entry in pieces.
  func read(_ body: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) {
    while left > 0 {
      let piece = try take(min(left, 256 * 1024))
      left -= piece.count
      try body(piece)
    }
    try skip()
  }

  /// All bytes of the current entry, which are few.
  func read(limit: Int) throws(StoreError) -> [UInt8] {
    guard left <= limit else { throw refused("an entry has over \(limit) bytes") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(left)
    try read { (piece) throws(StoreError) in bytes += piece }
    return bytes
  }

  func refused(_ reason: String) -> StoreError { .refusedArchive(path: path, reason: reason) }

  // MARK: Headers

  /// A header; nil at the end of the archive.
  private func header() throws(StoreError) -> [UInt8]? {
    let block = try take(TarWriter.blockSize)
    guard block.contains(where: { $0 != 0 }) else {
      guard try take(TarWriter.blockSize).allSatisfy({ $0 == 0 }) else {
        throw refused("it has only half an end")
      }
      guard try isAtEnd() else { throw refused("something follows its end") }
      return nil
    }
    guard block[257..<265].elementsEqual("ustar\u{0}00".utf8) else {
      throw refused("it is no archive of the form that 'cache export' writes")
    }
    var blank = block
    for index in 148..<156 { blank[index] = UInt8(ascii: " ") }
    guard try number(block[148..<155]) == blank.reduce(0, { $0 + Int($1) }) else {
      throw refused("the sum over a header is wrong")
    }
    return block
  }

  private func extended(_ size: Int) throws(StoreError) -> Entry {
    guard size > 0, size <= Self.longestHeader else { throw refused("an extended header is long") }
    let records = try take(size)
    _ = try take((512 - size % 512) % 512)
    var values: [String: String] = [:]
    var rest = records[...]
    while let blank = rest.firstIndex(of: 0x20), let length = Int(text(rest[..<blank])),
      length > blank - rest.startIndex + 2, length <= rest.count
    {
      let record = rest[(blank + 1)..<(rest.startIndex + length)]
      guard record.last == 0x0A, let equals = record.firstIndex(of: 0x3D) else { break }
      values[text(record[..<equals])] = text(record[(equals + 1)...].dropLast())
      rest = rest[(rest.startIndex + length)...]
    }
    guard rest.isEmpty, Set(values.keys).isSubset(of: ["path", "size"]) else {
      throw refused("an extended header says more than a path and a size")
    }
    guard let block = try header(), block[156] == UInt8(ascii: "0") else {
      throw refused("nothing follows an extended header")
    }
    let size = try number(block[124..<136])
    let stated = values["size"].flatMap { Int($0) } ?? size
    guard stated >= size else { throw refused("a size is none") }
    if let name = values["path"] { return Entry(name: name, size: stated) }
    return Entry(name: try name(block), size: stated)
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self) ?? "?"
  }

  private func name(_ block: [UInt8]) throws(StoreError) -> String {
    guard block[345] == 0,
      let name = String(validating: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
    else { throw refused("a name is none") }
    return name
  }

  private func number(_ digits: ArraySlice<UInt8>) throws(StoreError) -> Int {
    let text = self.text(digits.prefix { $0 != 0 && $0 != 0x20 })
    guard let number = Int(text, radix: 8), number >= 0, number <= 1 << 50 else {
      throw refused("a number is none")
    }
    return number
  }

  // MARK: Bytes

  private func skip() throws(StoreError) {
    while left > 0 { left -= try take(min(left, 256 * 1024)).count }
    guard padding > 0 else { return }
    let zeros = try take(padding)
    padding = 0
    guard zeros.allSatisfy({ $0 == 0 }) else { throw refused("there is something between entries") }
  }

  private func take(_ count: Int) throws(StoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      guard try fill() else { throw refused("it is cut off") }
      let piece = rest.prefix(count - bytes.count)
      bytes += buffer[piece.startIndex..<piece.endIndex]
      rest = piece.endIndex..<rest.endIndex
    }
    return bytes
  }

  private func isAtEnd() throws(StoreError) -> Bool { try !fill() }

  private func fill() throws(StoreError) -> Bool {
    guard rest.isEmpty else { return true }
    rest = 0..<(try file.read(into: &buffer))
    return !rest.isEmpty
  }
}
