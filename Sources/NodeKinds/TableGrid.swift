import Execution

/// Which scores stand in which cell of a table.
struct TableGrid {
  /// Names of the rows; one without a name where no axis gives rows.
  let rows: [String]
  let columns: [TableData.Column]
  /// By row, then by column; several scores of one cell are those of the axes in `over`.
  private let cells: [[[TableSource]]]

  init(rows: [String], columns: [TableData.Column], cells: [[[TableSource]]]) {
    self.rows = rows
    self.columns = columns
    self.cells = cells
  }

  func sources(row: Int, column: Int) -> [TableSource] { cells[row][column] }

  /// The one score of a cell; nil where there is none, or a mean of several.
  func only(row: Int, column: Int) -> TableSource? {
    cells[row][column].count == 1 ? cells[row][column][0] : nil
  }

  /// What a reader must know to compare the columns of a row.
  var cautions: [String] {
    var cautions: [String] = []
    let differing = rows.indices.filter { row in
      Set(columns.indices.flatMap { cells[row][$0].compactMap(\.data) }).count > 1
    }
    if !differing.isEmpty {
      let names = differing.map { rows[$0] }.filter { !$0.isEmpty }
      let place = names.isEmpty ? "" : " of \(names.joined(separator: ", "))"
      cautions.append("Not all columns\(place) were scored on the same rows of data.")
    }
    if let prompts = promptCaution { cautions.append(prompts) }
    return cautions
  }

  /// Says which columns were asked alike, where not all were.
  private var promptCaution: String? {
    var groups: [(prompts: Set<String>, headings: [String])] = []
    for column in columns.indices {
      let prompts = Set(rows.indices.flatMap { cells[$0][column].compactMap(\.prompt) })
      guard !prompts.isEmpty else { continue }
      let heading = columns[column].heading
      if let index = groups.firstIndex(where: { $0.prompts == prompts }) {
        if !groups[index].headings.contains(heading) { groups[index].headings.append(heading) }
      } else {
        groups.append((prompts, [heading]))
      }
    }
    guard groups.count > 1 else { return nil }
    let lists = groups.map { $0.headings.joined(separator: ", ") }
    return "Asked with different prompts: \(lists.joined(separator: " | "))."
  }
}
