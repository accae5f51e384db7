import Primitives
package import Store
import Tasks

/// Compares two runs of one store.
package struct RunComparison: Sendable {
  let store: Store

  package init(_ store: Store) {
    self.store = store
  }

  package func compare(
    _ first: RecordedRun,
    _ second: RecordedRun
  ) async throws -> RunDifference {
    var instances: [InstanceDifference] = []
    var common = 0
    for new in second.instances {
      guard let old = first[new.id] else { continue }
      common += 1
      if !Self.isSame(old, new) { instances.append(try await difference(old, new)) }
    }
    return RunDifference(
      first: first,
      second: second,
      settings: Self.settings(first, second),
      models: Self.models(first, second),
      onlyFirst: first.instances.map(\.id).filter { second[$0] == nil },
      onlySecond: second.instances.map(\.id).filter { first[$0] == nil },
      instances: instances,
      common: common
    )
  }

  // MARK: - Around the instances

  private static func settings(_ first: RecordedRun, _ second: RecordedRun) -> [ValueChange] {
    var changes = ValueChange.all(.object(first.parameters), .object(second.parameters))
    let texts = [
      ("workflow", first.workflow.name, second.workflow.name), ("tool", first.tool, second.tool),
    ]
    changes += texts.filter { !UTF8Order.equal($0.1, $0.2) }.map {
      ValueChange(name: $0.0, old: .string($0.1), new: .string($0.2))
    }
    return changes + ValueChange.all(first.machine, second.machine)
  }

  /// By declaration and identity; a price is no part of what a model is, but shapes what it costs.
  private static func models(_ first: RecordedRun, _ second: RecordedRun) -> [ValueChange] {
    func object(_ run: RecordedRun) -> JSON {
      .object(
        JSONObject(
          run.models.map { ($0.name, ["declared": $0.declared, "identity": $0.identity]) }
        )
      )
    }
    return ValueChange.all(object(first), object(second))
  }

  private static func isSame(_ old: RecordedInstance, _ new: RecordedInstance) -> Bool {
    old.key == new.key && changedParts(old, new).isEmpty
      && (old.error == nil) == (new.error == nil)
  }

  private static func changedParts(
    _ old: RecordedInstance,
    _ new: RecordedInstance
  ) -> [String] {
    let parts = old.outputs.map(\.part) + new.outputs.map(\.part).filter { old[$0] == nil }
    return parts.filter { old[$0] != new[$0] }
  }

  // MARK: - An instance

  private func difference(
    _ old: RecordedInstance,
    _ new: RecordedInstance
  ) async throws -> InstanceDifference {
    let keys = PreimageDifference(try await preimage(old), try await preimage(new))
    let parts = Self.changedParts(old, new)
    return InstanceDifference(
      first: old,
      second: new,
      settings: keys.settings,
      files: keys.files,
      models: keys.models,
      inputs: keys.inputs.map(\.name),
      outputs: parts,
      texts: try await texts(old, new, parts),
      rows: try await rows(old, new, parts),
      figures: try await figures(old, new)
    )
  }

  private func preimage(_ instance: RecordedInstance) async throws -> JSON {
    guard let key = instance.key else { return [:] }
    return try await store.results.preimage(key) ?? [:]
  }

  // MARK: - What it gave

  /// Parts that are small texts, and not told of otherwise.
  private static let textParts = [
    PartName.prompt, PartName.target, PartName.reading, PartName.chosen, "table.md",
  ]

  private func texts(
    _ old: RecordedInstance,
    _ new: RecordedInstance,
    _ parts: [String]
  ) async throws -> [TextDifference] {
    // What `tune` hands on of a template is told of where the template is.
    let wanted = new.kind == "tune" ? [PartName.chosen] : Self.textParts
    var texts: [TextDifference] = []
    for part in wanted where parts.contains(part) {
      let lines = LineDifference.between(try await lines(old[part]), try await lines(new[part]))
      if !lines.isEmpty { texts.append(TextDifference(part: part, lines: lines)) }
    }
    return texts
  }

  private func lines(_ object: ObjectRef?) async throws -> [String] {
    guard let object, store.objects.contains(object) else { return [] }
    let bytes = try await store.objects.read(object)
    if let json = try? JSON(parsing: bytes) { return ValueLines.of(json) }
    return ValueLines.split(String(decoding: bytes, as: UTF8.self))
  }

  private func rows(
    _ old: RecordedInstance,
    _ new: RecordedInstance,
    _ parts: [String]
  ) async throws -> RowsDifference? {
    guard parts.contains(PartName.rows) || parts.contains(PartName.ids),
      let before = old[PartName.rows], let after = new[PartName.rows],
      store.objects.contains(before), store.objects.contains(after)
    else { return nil }
    return try await RowsComparison(lines: RowLines(objects: store.objects)).compare(
      (before, old[PartName.ids]),
      (after, new[PartName.ids])
    )
  }

  private func figures(
    _ old: RecordedInstance,
    _ new: RecordedInstance
  ) async throws -> [PairedFigure] {
    guard new.kind == "evaluate", let before = old[PartName.rows], let after = new[PartName.rows],
      store.objects.contains(before), store.objects.contains(after)
    else { return [] }
    let first = try await results(before)
    var pairs: [(first: RowResult, second: RowResult)] = []
    for result in try await results(after).values {
      if let other = first[Array(result.id.utf8)] { pairs.append((other, result)) }
    }
    pairs.sort { UTF8Order.less($0.first.id, $1.first.id) }
    let wanted = try await figureNames(of: new)
    return wanted.compactMap { PairedDifference.of($0, pairs) }
  }

  private func results(_ rows: ObjectRef) async throws -> [[UInt8]: RowResult] {
    let lines = try await RowLines(objects: store.objects).read(rows, .first(.max))
    var results: [[UInt8]: RowResult] = [:]
    for line in lines { results[line.idBytes] = RowResult(json: line.value) }
    return results
  }

  /// The figures that the scores have, of those that can be compared.
  private func figureNames(of scores: RecordedInstance) async throws -> [String] {
    guard let summary = scores[PartName.summary], store.objects.contains(summary) else { return [] }
    let json = try JSON(parsing: try await store.objects.read(summary))
    return (json["metrics"]?.object?.members ?? []).flatMap { metric in
      (metric.value["figures"]?.object?.keys ?? []).map { "\(metric.key).\($0)" }
    }.filter(PairedDifference.figures.contains)
  }
}
