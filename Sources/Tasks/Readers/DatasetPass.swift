import Diagnostics
import Primitives

/// One reading of one dataset: what is counted, and remembered to find twins.
struct DatasetPass: ~Copyable {
  private let fields: FieldMap
  private let selection: DatasetSelection
  private(set) var counts = DatasetCounts()
  private(set) var file: ColumnFile
  private var ids = IDIndex()

  init(_ source: DatasetSource, _ selection: DatasetSelection) throws {
    file = try ColumnFile(source)
    fields = source.fields
    self.selection = selection
  }

  mutating func run(onRecord: (Record) throws -> Void) throws {
    if let seed = selection.shuffle {
      try readShuffled(seed: seed, onRecord)
    } else {
      try readInOrder(onRecord)
    }
    file.count(in: &counts)
  }

  private mutating func readInOrder(_ onRecord: (Record) throws -> Void) throws {
    // Both may be as large as numbers get, so their sum is not formed.
    let limit = selection.limit ?? Int.max
    while file.count < selection.skip || file.count - selection.skip < limit {
      guard let row = try file.next() else {
        counts.rows = file.count
        return
      }
      if row.number > selection.skip { try take(row, onRecord) }
    }
  }

  /// Finds every row first, then reads the selected ones where they lie.
  private mutating func readShuffled(
    seed: Int64,
    _ onRecord: (Record) throws -> Void
  ) throws {
    var positions: [RowPosition] = []
    while let row = try file.next() { positions.append(row.position) }
    counts.rows = positions.count
    var order = Array(positions.indices)
    var generator = SeededGenerator(seed: seed, label: "dataset/shuffle")
    generator.shuffle(&order)
    for index in order.dropFirst(selection.skip).prefix(selection.limit ?? Int.max) {
      try take(try file.row(number: index + 1, at: positions[index]), onRecord)
    }
  }

  private mutating func take(
    _ row: ColumnFile.Row,
    _ onRecord: (Record) throws -> Void
  ) throws {
    let record: Record
    do throws(RowProblem) {
      let whole = try fields.record(try file.columns(row), row: row.number)
      record = try truncated(whole, row: row.number)
    } catch {
      try file.report(error, in: row)
      return
    }
    if let twin = ids.add(record.id, at: row.position) {
      try file.reportTwins(record.id, at: twin, row.position)
      return
    }
    guard file.problems.isEmpty else { return }
    counts.selected += 1
    if record.label == nil { counts.unlabelled += 1 }
    try countLatin1(in: row)
    try onRecord(record)
  }

  private mutating func countLatin1(in row: ColumnFile.Row) throws {
    for offset in row.latin1 {
      counts.latin1Bytes += 1
      guard counts.latin1Places.count < DatasetCounts.placeLimit else { continue }
      let place = try file.location(of: row, plus: offset)
      counts.latin1Places.append("\(place.file):\(place.line):\(place.column)")
    }
  }

  private mutating func truncated(_ record: Record, row: Int) throws(RowProblem) -> Record {
    guard let truncate = selection.truncate else { return record }
    guard let text = record.fields[truncate.field]?.string else {
      throw RowProblem(
        "row \(row) has no text in the field '\(truncate.field)', which 'truncate' cuts",
        hint: "the fields are \(Wording.all(record.fields.keys))"
      )
    }
    guard let cut = Words.prefix(text, words: truncate.words) else { return record }
    counts.truncated += 1
    var fields = record.fields
    fields[truncate.field] = .string(cut)
    return Record(id: record.id, fields: fields, label: record.label)
  }
}

/// Where each id was met, by 128 bits of its digest: ids of any length cost the same.
private struct IDIndex {
  private struct Key: Hashable {
    let high: UInt64
    let low: UInt64
  }

  private var positions: [Key: RowPosition] = [:]

  /// Remembers an id; the place of the row that had it before, if one had.
  mutating func add(_ id: String, at position: RowPosition) -> RowPosition? {
    let words = Digest(of: id).words
    let key = Key(high: words.0, low: words.1)
    if let first = positions[key] { return first }
    positions[key] = position
    return nil
  }
}
