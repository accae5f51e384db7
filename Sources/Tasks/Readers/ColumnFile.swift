import Diagnostics
import Primitives

/// A data file as rows of columns, with what was found wrong on the way.
///
/// A row that is wrong ends nothing, so that all problems are told at once, up to a limit: a file
/// in the wrong format has one in every row.
struct ColumnFile: ~Copyable {
  static let problemLimit = 20

  /// A row and where it lies.
  struct Row {
    let text: RowText
    let span: RowSpan
  }

  let name: String
  private let reader: any DatasetReader.Type
  private var file: RowFile
  private var header: [String] = []
  private var awaitsHeader: Bool
  private(set) var problems: [Problem] = []
  /// Rows passed so far, the header not among them.
  private(set) var count = 0
  private(set) var isAtEnd = false

  /// Opens the file; a header is read with the first row.
  ///
  /// - Throws: `Problems` for an unknown format, `SystemError` when the file cannot be read.
  init(path: String, name: String, format: String) throws {
    let reader = try Self.reader(format)
    let file = try RowFile(path: path, name: name, layout: reader.layout)
    self.name = name
    self.reader = reader
    self.file = file
    awaitsHeader = reader.hasHeader
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

  /// Whether more rows are worth reading.
  var isTooWrong: Bool { problems.count >= Self.problemLimit }

  /// Ends the reading with what was found wrong, if anything was.
  func throwProblems() throws(Problems) {
    guard problems.isEmpty else { throw Problems(problems) }
  }

  /// The next row; nil at the end, which a broken layout brings too.
  mutating func next() throws -> Row? {
    if awaitsHeader { try readHeader() }
    guard !isAtEnd, let (bytes, span) = try nextBytes() else {
      isAtEnd = true
      return nil
    }
    count += 1
    return Row(text: RowText(bytes: bytes, number: count), span: span)
  }

  /// Reads a row again, wherever the reading stands.
  func row(number: Int, at span: RowSpan) throws(SystemError) -> Row {
    Row(text: RowText(bytes: try file.bytes(at: span), number: number), span: span)
  }

  func columns(_ row: Row) throws(RowProblem) -> JSONObject {
    try reader.columns(row.text, header: header)
  }

  /// The line on which a row begins, from 1.
  func line(of row: Row) throws(SystemError) -> Int {
    try file.location(of: row.span.offset).line
  }

  /// Notes a problem of a row with its place.
  mutating func report(_ problem: RowProblem, in row: Row) throws(SystemError) {
    let location = try file.location(of: row.span.offset + problem.offset)
    problems.append(Problem(problem.message, at: location, hint: problem.hint))
  }

  /// Notes two rows that have one id; in a shuffle the later of the file may be met first.
  mutating func reportTwins(_ id: String, at one: Int, _ other: Int) throws(SystemError) {
    let first = try file.location(of: min(one, other))
    let second = try file.location(of: max(one, other))
    problems.append(
      Problem(
        "the rows on lines \(first.line) and \(second.line) both have the id '\(id)'",
        at: second,
        hint: "ids must be unique; without an 'id' column rows are numbered",
        notes: [Problem.Note("the first is here", at: first)]
      )
    )
  }

  private mutating func nextBytes() throws -> (bytes: [UInt8], span: RowSpan)? {
    do {
      return try file.next()
    } catch let problem as Problem {
      problems.append(problem)
      return nil
    }
  }

  private mutating func readHeader() throws {
    awaitsHeader = false
    guard let (bytes, span) = try nextBytes() else {
      isAtEnd = true
      guard problems.isEmpty else { return }
      let start = Location(file: name, line: 1, column: 1)
      problems.append(
        Problem(
          "the file is empty; the first row must name the columns",
          at: start
        )
      )
      return
    }
    let row = Row(text: RowText(bytes: bytes, number: 0), span: span)
    do throws(RowProblem) {
      header = try reader.header(row.text)
    } catch {
      try report(error, in: row)
      isAtEnd = true
    }
  }
}
