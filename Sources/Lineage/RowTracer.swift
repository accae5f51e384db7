import Primitives
import Store
import Tasks

/// Follows one row back: to the row of the data, to the calls and their answers, to the rows that it
/// was read from, and through a tuned model to the rows that taught it.
package struct RowTracer: Sendable {
  /// Rows whose place in their file is looked for; each look counts lines from the file's start.
  private static let placed = 20

  let tracer: Tracer
  let trail: Trail
  /// How many training rows are followed; nil for all.
  let trainingRows: Int?

  package init(_ tracer: Tracer, _ trail: Trail, trainingRows: Int?) {
    self.tracer = tracer
    self.trail = trail
    self.trainingRows = trainingRows
  }

  var lines: RowLines { RowLines(objects: tracer.store.objects) }

  /// The trail of a row of the root, by id, else by number from 1.
  ///
  /// - Throws: `LineageError` where there is no such row, or no rows.
  package func row(_ name: String) async throws -> [RowTrail] {
    guard let root = trail[trail.root] else { return [] }
    let found = try await rows(of: root, .named(name), isAsked: true)
    guard found.isEmpty else { return found }
    throw LineageError(
      "'\(root.name)' has no row '\(name)'",
      hint: "a row is named by its id, or by its number from 1: 'distill get' shows them"
    )
  }

  /// The trails of rows of an action's artifact; `isAsked` follows tuned models, too.
  func rows(
    of step: Step,
    _ selection: RowSelection,
    isAsked: Bool
  ) async throws -> [RowTrail] {
    let form = try RowForm(step)
    guard let object = step[PartName.rows] else {
      throw LineageError("'\(step.name)' has no rows in this store")
    }
    let found = try await lines.read(object, ids: step[PartName.ids], selection)
    let data = try await dataRows(of: step, form, found)
    let parents = try await parents(of: step, form, found, isAsked)
    let caller = try await form.asks ? RowCaller(tracer, trail, step) : nil
    let reading = try await reading(of: step, form)
    let tuning = try await isAsked && form.asks ? tuning(of: step) : nil
    var trails: [RowTrail] = []
    for line in found {
      let record = data[line.idBytes]
      trails.append(
        RowTrail(
          step: step,
          number: line.number,
          id: line.id,
          value: line.value,
          data: record,
          reading: reading,
          calls: try await caller?.calls(of: line, record?.record, reading) ?? [],
          parents: parents[line.idBytes] ?? [],
          tuning: tuning
        )
      )
    }
    return trails
  }

  // MARK: - What a row was made of

  private func parents(
    of step: Step,
    _ form: RowForm,
    _ found: [RowLine],
    _ isAsked: Bool
  ) async throws -> [[UInt8]: [RowTrail]] {
    guard let slot = form.parent, let maker = step.maker(of: slot).flatMap({ trail[$0] }),
      !found.isEmpty
    else { return [:] }
    let ids = Set(found.map(\.idBytes))
    let rows = try await rows(of: maker, .ids(ids), isAsked: isAsked)
    return Dictionary(grouping: rows) { Array($0.id.utf8) }
  }

  private func reading(of step: Step, _ form: RowForm) async throws -> JSON? {
    guard let slot = form.reading else { return nil }
    if let form = step.settings["as"]?.string { return ["as": .string(form)] }
    guard let digest = step.consumed(slot, PartName.reading) else { return nil }
    return try JSON(parsing: try await tracer.store.objects.read(digest))
  }

  private func tuning(of step: Step) async throws -> TuningTrail? {
    guard let tuned = step.maker(of: "model").flatMap({ trail[$0] }),
      let data = tuned.maker(of: "data").flatMap({ trail[$0] }), let ids = data[PartName.ids]
    else { return nil }
    return TuningTrail(
      step: tuned,
      data: data,
      ids: try await lines.ids(ids),
      rows: try await rows(of: data, .first(trainingRows ?? .max), isAsked: false)
    )
  }

  // MARK: - The data

  private func dataRows(
    of step: Step,
    _ form: RowForm,
    _ found: [RowLine]
  ) async throws -> [[UInt8]: DataRow] {
    let source = form.isData ? step : step.maker(of: form.data).flatMap { trail[$0] }
    guard let source, let rows = source[PartName.rows], !found.isEmpty else { return [:] }
    let ids = Set(found.map(\.idBytes))
    let records = try await lines.read(rows, .ids(ids))
    let origin = DataOrigin(source, trail)
    let wanted = Set(found.prefix(Self.placed).map(\.idBytes))
    let places = try await origin.places(of: wanted, tracer.store.objects)
    var data: [[UInt8]: DataRow] = [:]
    for line in records {
      data[line.idBytes] = DataRow(
        record: try Record(json: line.value),
        names: source.names,
        file: origin.file,
        place: places[line.idBytes]
      )
    }
    return data
  }
}
