import Lineage
import ModelService
import Primitives
import Store
import Tasks

/// The trails of rows as JSON: `distill lineage … --row N --json`, form 1.
enum LineageRowJSON {
  static func rows(_ rows: [RowTrail]) -> JSON {
    ["type": "lineage-row", "version": 1, "rows": .array(rows.map(row))]
  }

  private static func row(_ row: RowTrail) -> JSON {
    [
      "instance": .string(row.step.name), "kind": .string(row.step.kind),
      "key": .string(row.step.key.hex), "run": LineageJSON.origin(row.step.origin),
      "number": JSON(row.number), "id": .string(row.id), "row": row.value,
      "data": row.data.map(data) ?? .null, "reading": row.reading ?? .null,
      "calls": .array(row.calls.map(call)), "made_of": .array(row.parents.map(self.row)),
      "training": row.tuning.map(tuning) ?? .null,
    ]
  }

  private static func data(_ data: DataRow) -> JSON {
    [
      "instances": .array(data.names.map(JSON.string)), "record": data.record.json,
      "file": data.file.map(LineageJSON.file) ?? .null,
      "line": data.place.map { JSON($0.line) } ?? .null,
      "row": data.place.map { JSON($0.row) } ?? .null,
    ]
  }

  private static func call(_ call: CallTrail) -> JSON {
    let attempt = call.attempt
    return [
      "key": .string(call.call.key.hex), "is_recorded": .bool(call.detail != nil),
      "request": call.call.request.json, "draw": draw(call.call.draw),
      "model": call.model.map(LineageJSON.model) ?? call.call.model.json,
      "tuned_by": JSON(call.tunedBy), "attempts": JSON(call.detail?.attempts.count ?? 0),
      "outcome": JSON(attempt?.outcome), "served_model": JSON(attempt?.servedModel),
      "started_at_ms": attempt.map { .integer($0.startedAt) } ?? .null,
      "prompt_tokens": attempt?.tokens.prompt.map { JSON($0) } ?? .null,
      "completion_tokens": attempt?.tokens.completion.map { JSON($0) } ?? .null,
      "cost_usd": Amounts.json(attempt?.cost), "answer": answer(attempt),
      "read": call.read.map { ["strict": JSON($0.strict), "flexible": JSON($0.flexible)] } ?? .null,
      "run": call.origin.map(LineageJSON.origin) ?? .null,
    ]
  }

  private static func draw(_ draw: Draw) -> JSON {
    [
      "seed": draw.seed.map(JSON.integer) ?? .null, "sample": JSON(draw.sample),
      "reroll": JSON(draw.reroll),
    ]
  }

  private static func answer(_ attempt: AttemptRecord?) -> JSON {
    attempt?.body.flatMap { try? JSON(parsing: $0) } ?? .null
  }

  private static func tuning(_ tuning: TuningTrail) -> JSON {
    [
      "fine_tune": LineageJSON.step(tuning.step), "instance": .string(tuning.data.name),
      "key": .string(tuning.data.key.hex), "count": JSON(tuning.ids.count),
      "ids": .array(tuning.ids.map(JSON.string)), "rows": .array(tuning.rows.map(row)),
    ]
  }
}
