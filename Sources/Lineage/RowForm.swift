import Primitives

/// Which slots of an action say what its rows were made of.
struct RowForm {
  /// The slot of the dataset.
  let data: String
  /// The slot of the artifact whose rows were worked on, where that is no dataset.
  let parent: String?
  /// The slot of the template that says how answers are read, where any were read.
  let reading: String?
  /// Whether calls were made for each row.
  let asks: Bool
  /// Whether the rows are a dataset themselves.
  let isData: Bool

  /// - Throws: `LineageError` for a kind without rows that can be followed.
  init(_ step: Step) throws {
    switch step.kind {
    case "dataset": self.init(data: "data", isData: true)
    case "generate": self.init(data: "data", asks: true)
    case "import-completions": self.init(data: "data")
    case "parse": self.init(data: "data", parent: "completions", reading: "reading")
    case "substitute-labels": self.init(data: "data", parent: "labels")
    case "evaluate" where step.preimage["inputs"]?["of"] != nil:
      self.init(data: "of.data", parent: "of", reading: "of.reading")
    case "evaluate": self.init(data: "data", reading: "template", asks: true)
    default:
      throw LineageError(
        "'\(step.name)' is of the kind \(step.kind), whose rows are not followed",
        hint: "rows of datasets, completions, labels, training sets and scores are"
      )
    }
  }

  private init(
    data: String,
    parent: String? = nil,
    reading: String? = nil,
    asks: Bool = false,
    isData: Bool = false
  ) {
    self.data = data
    self.parent = parent
    self.reading = reading
    self.asks = asks
    self.isData = isData
  }
}
