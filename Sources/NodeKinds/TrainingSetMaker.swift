import Execution
import Primitives
import Store
import Tasks

/// Writes the rows of a training set and, beside them, the ids of the dataset rows they came from.
struct TrainingSetMaker: Sendable {
  let prompt: PromptTemplate
  let target: TargetTemplate
  let dataPath: String
  let labelPath: String
  /// Who must have given the same labels; nil where all labelled rows are kept.
  let agreement: LabelAgreement?

  func write(to output: OutputWriter, _ objects: ObjectStore) async throws -> TrainingTally {
    let rows = try objects.writer()
    let ids = try objects.writer()
    let tally = try await Blocking.run {
      let judge = try agreement?.judge()
      var tally = TrainingTally()
      try forEachRow { record, row in
        guard let row, let label = row.label else {
          return tally.drop(row?.state.rawValue ?? "unlabelled")
        }
        if let difference = try judge?.difference(record, label) { return tally.drop(difference) }
        let line: JSON = ["messages": .array(try messages(record, row, label).map(\.json))]
        try rows.write(line.canonical + [0x0A])
        try ids.write(JSON.string(record.id).canonical + [0x0A])
        tally.keep()
      }
      return tally
    }
    await output.add(Part.rows, try await rows.commit())
    await output.add(Part.ids, try await ids.commit())
    return tally
  }

  /// What is asked, and the label as the assistant's turn; of a conversation every turn that there is
  /// an answer to.
  private func messages(
    _ record: Record,
    _ row: LabelRow,
    _ label: String
  ) throws -> [ChatMessage] {
    guard prompt.turnsField == nil else {
      return try prompt.conversation(record, answers: row.turns.isEmpty ? [label] : row.turns)
    }
    guard row.turns.isEmpty else {
      throw NodeFailure(
        "the label of row '\(record.id)' is a conversation, and the template asks one question",
        hint: "use a conversation template such as chat/vanilla"
      )
    }
    return try prompt.render(record) + [target.render(record, label: label)]
  }

  /// Goes through data and labels side by side; labels are in the order of the data, with gaps.
  private func forEachRow(_ body: (Record, LabelRow?) throws -> Void) throws {
    var labels = try LabelIndex(path: labelPath)
    var lines = try LineReader(path: dataPath)
    while let line = try lines.next() {
      let record = try Record(line: line)
      try body(record, try labels.find(record.id))
    }
  }
}
