package import Primitives
import Store
package import Tasks

/// How two runs differ, by their records and the artifacts that these name.
package struct RunDifference: Sendable {
  package let first: RecordedRun
  package let second: RecordedRun
  /// Parameters of the workflow, and whether its file, the tool, the machine is another.
  package let settings: [ValueChange]
  /// Entries of `models` that are declared otherwise, or mean another model now.
  package let models: [ValueChange]
  package let onlyFirst: [String]
  package let onlySecond: [String]
  /// Instances of both runs whose key, outputs or outcome differ, in the second run's order.
  package let instances: [InstanceDifference]
  /// Instances of both runs.
  package let common: Int

  /// Whether every instance has the same key and the same outputs, and nothing around them differs.
  ///
  /// Time, money, commits and which of them made a result may differ.
  package var isIdentical: Bool {
    settings.isEmpty && models.isEmpty && onlyFirst.isEmpty && onlySecond.isEmpty
      && instances.isEmpty
  }
}

/// Something with a value in each run; nil is absent.
package struct ValueChange: Sendable {
  package let name: String
  package let old: JSON?
  package let new: JSON?

  package init(name: String, old: JSON?, new: JSON?) {
    self.name = name
    self.old = old
    self.new = new
  }

  /// The members of two objects that are not the same, in the order of the first, then the second.
  static func all(_ old: JSON?, _ new: JSON?, prefix: String = "") -> [ValueChange] {
    let before = old?.object ?? JSONObject()
    let after = new?.object ?? JSONObject()
    let names = before.keys + after.keys.filter { before[$0] == nil }
    return names.filter { before[$0] != after[$0] }.map {
      ValueChange(name: prefix + $0, old: before[$0], new: after[$0])
    }
  }
}

/// How one instance differs between two runs.
package struct InstanceDifference: Sendable {
  package let first: RecordedInstance
  package let second: RecordedInstance
  /// Settings, kind version, versions of readers and metrics.
  package let settings: [ValueChange]
  /// Files whose bytes are others, by slot.
  package let files: [ValueChange]
  /// Models that are others, by slot.
  package let models: [ValueChange]
  /// Slots whose input, from another instance, has other bytes.
  package let inputs: [String]
  /// Parts whose bytes are others.
  package let outputs: [String]
  /// Lines of the parts of a template, and of other small texts.
  package let texts: [TextDifference]
  /// The rows of both, where they differ.
  package let rows: RowsDifference?
  /// Figures of scores over the rows that both have.
  package let figures: [PairedFigure]

  package var id: String { second.id }
  package var kind: String { second.kind }
  package var isSameKey: Bool { first.key == second.key && first.key != nil }
}

/// The lines in which a part differs.
package struct TextDifference: Sendable {
  package let part: String
  /// `- old` and `+ new`, in their order.
  package let lines: [String]
}

/// The rows in which two artifacts differ, matched by their ids.
package struct RowsDifference: Sendable {
  /// A row that both have, with other content.
  package struct Change: Sendable {
    package let id: String
    package let old: JSON
    package let new: JSON
  }

  package let added: [String]
  package let removed: [String]
  package let changed: [Change]
  package let common: Int

  package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

  /// Rows whose label or verdict is another: of labels `label` and `state`, of scores `state`.
  package func flips(of kind: String) -> [Change] {
    let members = kind == "parse" ? ["state", "label"] : kind == "evaluate" ? ["state"] : []
    return changed.filter { change in
      members.contains { change.old[$0] != change.new[$0] }
    }
  }
}
