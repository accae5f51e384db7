import Primitives

/// A value as SQLite stores it.
enum SQLiteValue: Equatable {
  case null
  case integer(Int64)
  case real
  case text([UInt8])
  case blob([UInt8])
}

/// A row, or an entry of an index, as it was found.
struct FoundRow {
  /// Nil in an index.
  let rowID: Int64?
  let values: [SQLiteValue]
}

extension PageFile {
  private enum Kind: UInt8 {
    case indexInterior = 0x02
    case indexLeaf = 0x0A
    case tableLeaf = 0x0D
  }

  /// The rows or index entries of one page, those that can be read.
  func rows(onPage number: Int) -> [FoundRow] {
    guard let page = page(number) else { return [] }
    let start = number == 1 ? 100 : 0
    guard let kind = Kind(rawValue: page[start]),
      let count = page.bigEndian(at: start + 3, bytes: 2)
    else { return [] }
    let array = start + (kind == .indexInterior ? 12 : 8)
    var rows: [FoundRow] = []
    for index in 0..<count {
      guard let cell = page.bigEndian(at: array + 2 * index, bytes: 2) else { break }
      if let row = row(page, at: cell, kind) { rows.append(row) }
    }
    return rows
  }

  private func row(
    _ page: UnsafeRawBufferPointer,
    at cell: Int,
    _ kind: Kind
  ) -> FoundRow? {
    var offset = kind == .indexInterior ? cell + 4 : cell
    guard let size = Self.variable(page, &offset), size > 0, size <= 1 << 30 else { return nil }
    var rowID: Int64?
    if kind == .tableLeaf {
      guard let id = Self.variable(page, &offset) else { return nil }
      rowID = id
    }
    guard let payload = payload(page, at: offset, size: Int(size), isTable: kind == .tableLeaf),
      let values = payload.withUnsafeBytes({ Self.values($0) })
    else { return nil }
    return FoundRow(rowID: rowID, values: values)
  }

  /// A cell's bytes, those on overflow pages included.
  private func payload(
    _ page: UnsafeRawBufferPointer,
    at offset: Int,
    size: Int,
    isTable: Bool
  ) -> [UInt8]? {
    let most = isTable ? usableSize - 35 : (usableSize - 12) * 64 / 255 - 23
    let least = (usableSize - 12) * 32 / 255 - 23
    let fitting = least + (size - least) % (usableSize - 4)
    let local = size <= most ? size : fitting <= most ? fitting : least
    guard offset >= 0, offset + local <= usableSize else { return nil }
    var bytes = [UInt8](page[offset..<offset + local])
    var next = size > local ? page.bigEndian(at: offset + local, bytes: 4) ?? 0 : 0
    while bytes.count < size {
      guard let more = self.page(next), let following = more.bigEndian(at: 0, bytes: 4) else {
        return nil
      }
      bytes.append(contentsOf: more[4..<4 + min(size - bytes.count, usableSize - 4)])
      next = following
    }
    return bytes
  }

  // MARK: Records

  /// A whole number of one to nine bytes, seven bits in each of the first eight.
  private static func variable(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Int64? {
    var value: UInt64 = 0
    for place in 0..<9 {
      guard offset >= 0, offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      if place == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
      value = value << 7 | UInt64(byte & 0x7F)
      if byte & 0x80 == 0 { break }
    }
    return Int64(bitPattern: value)
  }

  /// The columns of a record; nil if it is none.
  private static func values(_ record: UnsafeRawBufferPointer) -> [SQLiteValue]? {
    var offset = 0
    guard let head = variable(record, &offset), head >= 1, head <= record.count else { return nil }
    var body = Int(head)
    var values: [SQLiteValue] = []
    while offset < Int(head) {
      guard let type = variable(record, &offset), let value = value(type, record, &body) else {
        return nil
      }
      values.append(value)
    }
    return offset == Int(head) && body == record.count ? values : nil
  }

  private static func value(
    _ type: Int64,
    _ record: UnsafeRawBufferPointer,
    _ offset: inout Int
  ) -> SQLiteValue? {
    let sizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]
    guard type >= 0, type < 10 || type >= 12 else { return nil }
    let size = type < 10 ? sizes[Int(type)] : Int((type - 12) / 2)
    guard size <= record.count - offset else { return nil }
    defer { offset += size }
    switch type {
    case 0: return .null
    case 7: return .real
    case 8, 9: return .integer(type - 8)
    case 1...6:
      let first = Int64(Int8(bitPattern: record[offset]))
      return .integer(record[offset + 1..<offset + size].reduce(first) { $0 << 8 | Int64($1) })
    default:
      let bytes = [UInt8](record[offset..<offset + size])
      return type % 2 == 0 ? .blob(bytes) : .text(bytes)
    }
  }
}
