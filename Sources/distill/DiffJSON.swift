import Lineage
import Primitives
import Tasks

/// The difference of two runs as JSON: `distill diff --json`, form 1.
enum DiffJSON {
  static func json(_ difference: RunDifference) -> JSON {
    [
      "type": "diff", "version": 1, "identical": .bool(difference.isIdentical),
      "runs": .array([run(difference.first), run(difference.second)]),
      "settings": changes(difference.settings), "models": changes(difference.models),
      "only_in_first": texts(difference.onlyFirst),
      "only_in_second": texts(difference.onlySecond), "common": JSON(difference.common),
      "instances": .array(difference.instances.map(instance)),
    ]
  }

  private static func run(_ run: RecordedRun) -> JSON {
    [
      "id": .string(run.id), "status": .string(run.status),
      "origin": LineageJSON.origin(RunOrigin(run)),
      "calls": run.summary["calls"] ?? .null, "cost_usd": run.summary["cost_usd"] ?? .null,
      "seconds": .number(run.seconds),
    ]
  }

  private static func instance(_ instance: InstanceDifference) -> JSON {
    [
      "id": .string(instance.id), "kind": .string(instance.kind),
      "status": .array([.string(instance.first.status), .string(instance.second.status)]),
      "key": .array([JSON(instance.first.key?.hex), JSON(instance.second.key?.hex)]),
      "settings": changes(instance.settings), "files": changes(instance.files),
      "models": changes(instance.models), "inputs": texts(instance.inputs),
      "outputs": texts(instance.outputs),
      "served_models": .array([
        texts(instance.first.calls.servedModels), texts(instance.second.calls.servedModels),
      ]),
      "texts": .array(
        instance.texts.map { ["part": .string($0.part), "lines": texts($0.lines)] }
      ), "rows": instance.rows.map { rows($0, instance.kind) } ?? .null,
      "figures": .array(instance.figures.map(figure)),
    ]
  }

  private static func rows(_ rows: RowsDifference, _ kind: String) -> JSON {
    [
      "common": JSON(rows.common), "added": texts(rows.added), "removed": texts(rows.removed),
      "changed": .array(rows.changed.map(change)),
      "flipped": texts(rows.flips(of: kind).map(\.id)),
    ]
  }

  private static func change(_ change: RowsDifference.Change) -> JSON {
    ["id": .string(change.id), "old": change.old, "new": change.new]
  }

  private static func figure(_ figure: PairedFigure) -> JSON {
    [
      "name": .string(figure.name), "n": JSON(figure.n), "first": .number(figure.first),
      "second": .number(figure.second),
      "difference": [
        "value": .number(figure.difference.value), "low": .number(figure.difference.low),
        "high": .number(figure.difference.high),
      ],
    ]
  }

  private static func changes(_ changes: [ValueChange]) -> JSON {
    .array(
      changes.map { change in
        ["name": .string(change.name), "old": change.old ?? .null, "new": change.new ?? .null]
      }
    )
  }

  private static func texts(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}
