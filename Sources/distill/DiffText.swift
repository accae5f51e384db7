import Lineage
import Primitives

/// The difference of two runs in words; what models and files brought in is escaped.
struct DiffText {
  /// Rows that are listed of each kind of change, unless all are asked for.
  static let listedRows = 5
  /// Lines of a text's difference that are shown.
  static let listedLines = 40

  private let difference: RunDifference
  private let rowLimit: Int

  init(_ difference: RunDifference, allRows: Bool) {
    self.difference = difference
    rowLimit = allRows ? .max : Self.listedRows
  }

  /// Lines of at most `TextTree.width` characters.
  var lines: [String] {
    let (first, second) = (difference.first, difference.second)
    guard !difference.isIdentical else {
      let count = Amounts.count(difference.common, "instance")
      return ["identical: \(count), the same keys and outputs (\(first.id), \(second.id))"]
    }
    var lines = ["\(run(first))", "\(run(second))"]
    lines += difference.settings.map { "\($0.name): \(DiffValues.change($0))" }
    lines += difference.models.flatMap(model)
    lines += only(difference.onlyFirst, in: first) + only(difference.onlySecond, in: second)
    for instance in difference.instances { lines += text(instance) }
    let same = difference.common - difference.instances.count
    lines.append(
      "\(Amounts.count(same)) of \(Amounts.count(difference.common, "common instance")) the same"
    )
    lines += DiffTotals.lines(first, second)
    return lines.map(TextTree.cut)
  }

  private func run(_ run: RecordedRun) -> String {
    "\(run.id)  \(run.status)  \(LineageStepText.commit(RunOrigin(run)))"
  }

  private func model(_ change: ValueChange) -> [String] {
    let members = DiffValues.members(change)
    return ["model \(ForeignText.line(change.name)):"]
      + members.map { "  \($0.name): \(DiffValues.change($0))" }
  }

  private func only(_ names: [String], in run: RecordedRun) -> [String] {
    names.isEmpty
      ? [] : ["only in \(run.id): \(names.map { ForeignText.line($0) }.joined(separator: ", "))"]
  }

  // MARK: - Instances

  private func text(_ instance: InstanceDifference) -> [String] {
    var lines = ["\(ForeignText.line(instance.id)), \(instance.kind)\(verdict(instance))"]
    lines += instance.settings.map { "  \($0.name): \(DiffValues.change($0))" }
    lines += instance.files.map {
      "  file \(ForeignText.line($0.name)): \(DiffValues.digests($0))"
    }
    lines += instance.models.map {
      "  \(ForeignText.line($0.name)): \(DiffValues.models($0))"
    }
    if !instance.inputs.isEmpty {
      lines.append(
        "  other bytes in \(instance.inputs.map { ForeignText.line($0) }.joined(separator: ", "))"
      )
    }
    lines += served(instance)
    for text in instance.texts {
      lines.append("  \(text.part):")
      lines += text.lines.prefix(Self.listedLines).map { "    \(ForeignText.line($0))" }
      let more = text.lines.count - Self.listedLines
      if more > 0 { lines.append("    … and \(more) more lines") }
    }
    if let rows = instance.rows { lines += DiffRows(rows, instance.kind, limit: rowLimit).lines }
    lines += instance.figures.map { "  \(DiffValues.figure($0))" }
    return lines
  }

  private func verdict(_ instance: InstanceDifference) -> String {
    if instance.second.error != nil, instance.first.error == nil {
      return ": \(instance.second.status) in the second run only"
    }
    if instance.first.error != nil, instance.second.error == nil {
      return ": \(instance.first.status) in the first run only"
    }
    return instance.isSameKey
      ? ": the same key, other bytes in \(instance.outputs.joined(separator: ", "))" : ""
  }

  /// A model that a server names otherwise than before, though the workflow does not.
  private func served(_ instance: InstanceDifference) -> [String] {
    let (old, new) = (instance.first.calls.servedModels, instance.second.calls.servedModels)
    guard !old.isEmpty, !new.isEmpty, old != new, instance.models.isEmpty else { return [] }
    return ["  \(LineageStepText.served(old)) → \(LineageStepText.served(new))"]
  }
}
