import Primitives
import Tasks

/// What a questionnaire asks about, from the beginning each time: nothing is kept of it in memory.
protocol RecordSource: Sendable {
  /// Starts at the beginning, and reads nothing yet.
  func open() throws -> any RecordReading

  /// How many there are: for this all are read.
  func count() throws -> Int
}

extension RecordSource {
  func count() throws -> Int {
    let reader = try open()
    var count = 0
    while try reader.next() != nil { count += 1 }
    return count
  }
}

/// Records one after the other, read where reading may block.
protocol RecordReading: AnyObject {
  /// The next record; nil behind the last.
  func next() throws -> Record?
}

/// The rows of a stored dataset.
struct DatasetRows: RecordSource {
  /// A verified object.
  let path: String

  func open() throws -> any RecordReading { try Reader(path: path) }

  /// Without taking the lines for records: of a million rows that is most of the time.
  func count() throws -> Int {
    var lines = try LineReader(path: path)
    var count = 0
    while try lines.next() != nil { count += 1 }
    return count
  }

  private final class Reader: RecordReading {
    private var lines: LineReader

    init(path: String) throws {
      lines = try LineReader(path: path)
    }

    func next() throws -> Record? {
      guard let line = try lines.next() else { return nil }
      return try Record(line: line)
    }
  }
}

/// The records of a source, some at a time, read where reading may block.
final class RecordStream: @unchecked Sendable {
  // Safe: one task at a time awaits `next`, which is the only use of the reader.
  private let reader: any RecordReading
  private var left: Int

  /// Reads a source from its beginning, up to a number of records if one is given.
  init(_ source: any RecordSource, limit: Int? = nil) async throws {
    reader = try source.open()
    left = limit ?? .max
  }

  convenience init(path: String) async throws {
    try await self.init(DatasetRows(path: path))
  }

  /// Up to `count` records; none behind the last.
  func next(_ count: Int) async throws -> [Record] {
    try await Blocking.run { [self] in
      var records: [Record] = []
      while records.count < min(count, left), let record = try reader.next() {
        records.append(record)
      }
      left -= records.count
      return records
    }
  }
}
