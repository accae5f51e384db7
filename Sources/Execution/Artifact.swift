package import Store
package import Workflow

/// What an instance yielded, seen as one of its types: named parts in the store.
package struct Artifact: Sendable {
  package let type: ArtifactType
  package let parts: [(part: String, object: ObjectRef)]

  package init(type: ArtifactType, parts: [(part: String, object: ObjectRef)]) {
    self.type = type
    self.parts = parts
  }

  package subscript(part: String) -> ObjectRef? { parts.first { $0.part == part }?.object }

  /// A part that every artifact of this type has; its absence is a bug in the kind that made it.
  package func require(_ part: String) -> ObjectRef {
    guard let object = self[part] else {
      preconditionFailure("BUG: \(type.rawValue) artifact without part '\(part)'")
    }
    return object
  }
}

/// Names of the parts that artifacts have; one place, so that writer and reader agree.
package enum Part {
  /// dataset, completions, labels, training-set and scores: JSON Lines, one row each.
  package static let rows = "rows"
  /// labels, training-set, scores: one JSON object with counts and figures.
  package static let summary = "summary"
  /// training-set: JSON Lines with the id of the dataset row behind each row.
  package static let ids = "ids"
  /// template: messages, token limit, examples.
  package static let prompt = "prompt"
  /// template: how a label becomes the assistant's turn.
  package static let target = "target"
  /// template, labels: how an answer is read.
  package static let reading = "reading"
  /// labels: JSON Lines of the samples whose strict and flexible reading differ.
  package static let disagreements = "disagreements"
  /// tune: the decoding parameters that won.
  package static let chosen = "chosen"
  /// tune: every trial with its figures.
  package static let trials = "trials"
  /// model: what it is and how to reach it.
  package static let model = "model"
  /// model: the files of a checkpoint by digest; its own digest is the model's.
  package static let manifest = "manifest"
  /// model: loss by step.
  package static let curve = "curve"
  /// model: a file that the provider made of the job, by the name that it has there; as a file name
  /// it can lead nowhere.
  package static func result(_ name: String) -> String {
    let allowed = name.unicodeScalars.map { scalar -> String in
      let isPlain = scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9") ~= scalar
      return isPlain || scalar == "." || scalar == "-" ? String(scalar) : "_"
    }
    return "result-\(allowed.joined().prefix(100))"
  }
  /// table: cells as JSON.
  package static let table = "table"
  package static let markdown = "table.md"
  package static let csv = "table.csv"
  package static let latex = "table.tex"
  package static let html = "table.html"
  /// table: CSV of the differences between columns, on the rows that both were scored on.
  package static let pairs = "pairs.csv"
}
