import Diagnostics
import Primitives

/// A data file, or folder, as rows of columns, with what was found wrong on the way.
///
/// A row that is wrong ends nothing, so that all problems are told at once: the first of them with
/// their places, the others, of which a file in the wrong format has one in every row, as a count.
struct ColumnFile: ~Copyable {
  static let problemLimit = 20

  /// A row and its number, from 1.
  struct Row {
    let number: Int
    fileprivate let found: SourceRow

    var position: RowPosition { found.position }

    /// Where its document holds bytes that were read as Latin-1.
    var latin1: [Int] {
      if case .columns(let row) = found.content { row.latin1 } else { [] }
    }
  }

  private let source: any ColumnSource
  private(set) var problems: [Problem] = []
  private var untold = 0
  private var firstUntold: Location?
  /// Rows passed so far, the header not among them.
  private(set) var count = 0
  private(set) var isAtEnd = false

  /// Opens the source; a header is read with the first row.
  ///
  /// - Throws: `Problems` for an unknown format and for a folder where the format has a file or the
  ///   other way round, `SystemError` when the file cannot be read.
  init(_ source: DatasetSource) throws {
    self.source = try Self.open(source)
  }

  /// The next row; nil at the end, which a broken layout brings too.
  mutating func next() throws -> Row? {
    guard !isAtEnd, let found = try nextFound() else {
      isAtEnd = true
      return nil
    }
    count += 1
    return Row(number: count, found: found)
  }

  /// Reads a row again, wherever the reading stands.
  func row(number: Int, at position: RowPosition) throws -> Row {
    Row(number: number, found: try source.row(at: position))
  }

  func columns(_ row: Row) throws(RowProblem) -> JSONObject {
    try source.columns(row.found, number: row.number)
  }

  /// Where a row begins, or a byte of it is.
  func location(of row: Row, plus offset: Int = 0) throws(SystemError) -> Location {
    try source.location(of: row.position, plus: offset)
  }

  /// The name in its folder of the file that a row is in; nil where there is no folder.
  func fileName(of row: Row) -> String? { source.fileName(of: row.position) }

  /// Adds what only the source knows to the counts.
  func count(in counts: inout DatasetCounts) { source.count(in: &counts) }

  private mutating func nextFound() throws -> SourceRow? {
    do {
      return try source.next()
    } catch let problem as Problem {
      problems.append(problem)
      return nil
    }
  }
}

// MARK: - Problems

extension ColumnFile {
  /// Notes a problem of a row with its place.
  mutating func report(_ problem: RowProblem, in row: Row) throws(SystemError) {
    try report(row.position, plus: problem.offset) { location, _ in
      Problem(problem.message, at: location, hint: problem.hint)
    }
  }

  /// Notes two rows that have one id; in a shuffle the later of the source may be met first.
  mutating func reportTwins(
    _ id: String,
    at one: RowPosition,
    _ other: RowPosition
  ) throws(SystemError) {
    let (first, second) = one.isBefore(other) ? (one, other) : (other, one)
    try report(second) { location, source throws(SystemError) in
      let before = try source.location(of: first, plus: 0)
      let where_ =
        before.file == location.file
        ? "the rows on lines \(before.line) and \(location.line)"
        : "rows of '\(before.file)' and '\(location.file)'"
      return Problem(
        "\(where_) both have the id '\(id)'",
        at: location,
        hint: "ids must be unique; without an 'id' column rows are numbered",
        notes: [Problem.Note("the first is here", at: before)]
      )
    }
  }

  /// Notes a problem, or, behind the limit, only that there was one: places cost a reading each.
  private mutating func report(
    _ position: RowPosition,
    plus offset: Int = 0,
    _ problem: (Location, any ColumnSource) throws(SystemError) -> Problem
  ) throws(SystemError) {
    guard problems.count >= Self.problemLimit else {
      problems.append(try problem(source.location(of: position, plus: offset), source))
      return
    }
    untold += 1
    if firstUntold == nil { firstUntold = try source.location(of: position, plus: offset) }
  }

  /// Ends the reading with what was found wrong, if anything was.
  func throwProblems() throws(Problems) {
    guard !problems.isEmpty else { return }
    guard untold > 0 else { throw Problems(problems) }
    let rest = Problem(
      "\(Wording.count(untold, "more row")) of the \(count) read "
        + "\(untold == 1 ? "is" : "are") wrong, this one first",
      at: firstUntold,
      hint: "only the first \(Self.problemLimit) problems are told"
    )
    throw Problems(problems + [rest])
  }
}

// MARK: - Opening

extension ColumnFile {
  private static func open(_ source: DatasetSource) throws -> any ColumnSource {
    let reader = try reader(source.format)
    switch source.origin {
    case .file(let path):
      if let rows = reader as? any RowReader.Type {
        return try TableSource(path: path, name: source.name, reader: rows)
      }
      if reader.sources.contains(.file), let documents = reader as? any DocumentReader.Type {
        return DocumentSource(file: path, name: source.name, reader: documents)
      }
      throw mismatch(source, "reads a folder; '\(source.name)' is a file")
    case .folder(let files):
      guard let documents = reader as? any DocumentReader.Type else {
        throw mismatch(source, "reads a file; '\(source.name)' is a folder")
      }
      return DocumentSource(folder: files, name: source.name, reader: documents)
    }
  }

  private static func mismatch(_ source: DatasetSource, _ what: String) -> Problems {
    let folders = DatasetReaders.all.filter { $0.sources.contains(.folder) }.map { $0.format }
    return Problems([
      Problem(
        "'\(source.format)' \(what)",
        at: nil,
        hint: "folders are read by \(Wording.all(folders))"
      )
    ])
  }

  private static func reader(_ format: String) throws(Problems) -> any DatasetReader.Type {
    if let reader = DatasetReaders.named(format) { return reader }
    let formats = DatasetReaders.formats
    throw Problems([
      Problem(
        "unknown format '\(format)'",
        at: nil,
        hint: didYouMean(format, among: formats) ?? "it may be \(Wording.choice(formats))"
      )
    ])
  }
}
