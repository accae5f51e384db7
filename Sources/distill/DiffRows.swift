import Lineage
import Primitives

/// The rows in which two artifacts differ, in words.
struct DiffRows {
  private let rows: RowsDifference
  private let kind: String
  private let limit: Int

  init(_ rows: RowsDifference, _ kind: String, limit: Int) {
    self.rows = rows
    self.kind = kind
    self.limit = limit
  }

  var lines: [String] {
    var lines: [String] = []
    if rows.isEmpty { lines.append("  the same rows in another order") }
    lines += listed(rows.added, "added") + listed(rows.removed, "removed")
    let flips = rows.flips(of: kind)
    switch kind {
    case "parse": lines += flipped(flips, "label", "differs", "differ")
    case "evaluate": lines += flipped(flips, "verdict", "flipped", "flipped")
    default: lines += changed(rows.changed)
    }
    return lines
  }

  private func listed(_ ids: [String], _ verb: String) -> [String] {
    guard !ids.isEmpty else { return [] }
    let names = ids.prefix(limit).map { "'\(ForeignText.line($0, limit: 60))'" }
    let more = ids.count > limit ? ", …" : ""
    let head = "  \(Amounts.count(ids.count, "row")) \(verb)"
    // All of them do not fit a line.
    guard limit == .max else { return ["\(head): \(names.joined(separator: ", "))\(more)"] }
    return ["\(head):"] + names.map { "    \($0)" }
  }

  private func changed(_ changes: [RowsDifference.Change]) -> [String] {
    guard !changes.isEmpty else { return [] }
    let head =
      "  \(Amounts.count(changes.count)) of \(Amounts.count(rows.common, "common row")) changed:"
    return [head]
      + listed(changes) { change in
        let members = DiffValues.members(
          ValueChange(name: change.id, old: change.old, new: change.new)
        )
        return members.map { "\(ForeignText.line($0.name)) \(DiffValues.change($0))" }
          .joined(separator: "; ")
      }
  }

  private func flipped(
    _ changes: [RowsDifference.Change],
    _ noun: String,
    _ one: String,
    _ many: String
  ) -> [String] {
    guard !changes.isEmpty else { return [] }
    let verb = changes.count == 1 ? one : many
    let count = Amounts.count(changes.count, noun)
    var kinds: [(text: String, count: Int)] = []
    for change in changes {
      let text = "\(state(change.old)) → \(state(change.new))"
      if let index = kinds.firstIndex(where: { $0.text == text }) {
        kinds[index].count += 1
      } else {
        kinds.append((text, 1))
      }
    }
    let list = kinds.map { "\(Amounts.count($0.count)) \($0.text)" }.joined(separator: ", ")
    let head = "  \(count) \(verb) of \(Amounts.count(rows.common, "common row")): \(list)"
    return [head] + listed(changes) { "\(outcome($0.old)) → \(outcome($0.new))" }
  }

  private func listed(
    _ changes: [RowsDifference.Change],
    _ text: (RowsDifference.Change) -> String
  ) -> [String] {
    let shown = changes.prefix(limit).map {
      "    '\(ForeignText.line($0.id, limit: 60))': \(text($0))"
    }
    let more = changes.count - shown.count
    return shown + (more > 0 ? ["    … and \(Amounts.count(more)) more (--rows lists all)"] : [])
  }

  private func state(_ row: JSON) -> String { ForeignText.line(row["state"]?.string ?? "–") }

  private func outcome(_ row: JSON) -> String {
    let value = row["got"]?.string ?? row["label"]?.string
    return state(row) + (value.map { " '\(ForeignText.line($0, limit: 60))'" } ?? "")
  }
}
