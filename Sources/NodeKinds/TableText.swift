/// The texts of a table's cells and notes, before any markup.
struct TableText {
  /// What a cell says.
  struct Cell {
    let value: String
    let deviation: String?
    let interval: (low: String, high: String)?
    let isMarked: Bool
  }

  let data: TableData
  private let formats: [TableValue: FigureFormat]

  init(_ data: TableData) {
    self.data = data
    formats = FigureFormat.all(data)
  }

  /// The cells of a row; nil where there is no figure.
  func cells(of row: TableData.Row) -> [Cell?] {
    zip(data.columns, row.cells).map { column, cell in
      guard let mean = cell.mean, let format = formats[column.value] else { return nil }
      return Cell(
        value: format.text(mean),
        deviation: cell.deviation.map(format.text),
        interval: cell.interval.map { (format.text($0.low), format.text($0.high)) },
        isMarked: cell.isMarked
      )
    }
  }

  /// What stands below the table; the star itself is written by each form.
  enum Note {
    case deviation
    case interval
    case star
    case caution(String)

    var text: String {
      switch self {
      case .deviation: "Mean ± standard deviation."
      case .interval: "In brackets: 95 % bootstrap interval."
      case .star: "above the score it is marked against."
      case .caution(let text): text
      }
    }
  }

  var notes: [Note] {
    var notes: [Note] = []
    let cells = data.rows.flatMap(\.cells)
    if cells.contains(where: { $0.deviation != nil }) { notes.append(.deviation) }
    if cells.contains(where: { $0.interval != nil }) { notes.append(.interval) }
    if cells.contains(where: \.isMarked) { notes.append(.star) }
    return notes + data.cautions.map(Note.caution)
  }
}
