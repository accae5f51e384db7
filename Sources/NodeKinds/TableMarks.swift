import Execution
import Workflow

/// The star of a table: which scores may have it, and what they must exceed in each row.
struct TableMarks {
  private let layout: TableLayout
  private let candidates: Set<InstanceID>
  /// By row, then by column; several scores of one column are those of the axes in `over`.
  private let thresholds: [String: [String: [TableSource]]]

  init(_ sources: [TableSource], _ layout: TableLayout) {
    self.layout = layout
    var candidates: Set<InstanceID> = []
    var thresholds: [String: [String: [TableSource]]] = [:]
    for source in sources where source.slot.hasPrefix("mark.") {
      guard source.slot.hasPrefix("mark.above") else {
        candidates.insert(source.input.instance)
        continue
      }
      let row = layout.rowAxis.flatMap { source.input.point[$0] } ?? ""
      let column = layout.freeValues(source).joined(separator: "@")
      thresholds[row, default: [:]][column, default: []].append(source)
    }
    self.candidates = candidates
    self.thresholds = thresholds
  }

  /// Whether scores may have the star and their mean is above the mean of every threshold column.
  func isAbove(_ row: String, _ sources: [TableSource], _ value: TableValue) -> Bool {
    guard !sources.isEmpty, sources.allSatisfy({ candidates.contains($0.input.instance) }),
      let mine = Self.mean(sources, value),
      let limit = thresholdColumns(row).compactMap({ Self.mean($0, value) }).max()
    else { return false }
    return mine > limit
  }

  /// The instances that a row's scores are marked against.
  func references(_ row: String) -> Set<InstanceID> {
    Set(thresholdColumns(row).flatMap { $0.map(\.input.instance) })
  }

  private func thresholdColumns(_ row: String) -> [[TableSource]] {
    // A threshold pinned to one row (the vanilla teacher, say) is that of every row.
    let pinned = thresholds.count == 1 ? thresholds.values.first : nil
    return Array((thresholds[row] ?? thresholds[""] ?? pinned ?? [:]).values)
  }

  private static func mean(_ sources: [TableSource], _ value: TableValue) -> Double? {
    let figures = sources.compactMap { $0.figure(value)?.value }
    return figures.isEmpty ? nil : figures.reduce(0, +) / Double(figures.count)
  }
}
