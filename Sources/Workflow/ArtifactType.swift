/// What a node can yield: the types that references are checked against.
package enum ArtifactType: String, CaseIterable, Hashable, Sendable {
  case dataset, template, decoding, completions, labels
  case trainingSet = "training-set"
  case model, scores, table, files

  /// The type with its article, for messages: `a dataset`.
  package var withArticle: String {
    switch self {
    case .dataset, .template, .decoding, .trainingSet, .model, .table: "a \(rawValue)"
    case .completions, .labels, .scores, .files: rawValue
    }
  }

  /// Kinds to put between when this type is at hand and another is wanted: for hints.
  package func bridge(to wanted: ArtifactType) -> String? {
    switch (self, wanted) {
    case (.completions, .labels): "put a parse node between"
    case (.dataset, .completions): "put a generate node between"
    case (.dataset, .labels): "put a generate and a parse node between"
    case (.labels, .trainingSet): "put a substitute-labels node between"
    case (.completions, .trainingSet): "put a parse and a substitute-labels node between"
    case (.trainingSet, .model): "put a fine-tune node between"
    case (.completions, .scores), (.model, .scores): "put an evaluate node between"
    default: nil
    }
  }
}
