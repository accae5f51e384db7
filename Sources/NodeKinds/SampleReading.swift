import Primitives
import Tasks

/// What a reading finds in one completion: in its answer, or in every turn of a conversation.
struct SampleReading {
  /// The answer that counts, of a conversation that of its last turn; nil where any turn has none.
  let value: String?
  /// The answers of a conversation's turns; none where one answer was asked for.
  let turns: [String]
  /// What was found in the answer, or in the last turn; nil where it is not read at all.
  let last: ReadAnswer?
  /// Lines of the part `disagreements`.
  let disagreements: [JSON]

  init(_ row: CompletionRow, _ settings: LabelMaker.Settings, _ record: Record?) {
    let isReadable = settings.readable.contains(row.state)
    let texts = row.isConversation ? row.turns.map(\.text) : [row.text]
    let answers = isReadable ? texts.map { settings.reading.read($0, for: record) } : []
    let values = answers.compactMap(\.value)
    // A conversation with a hole in it is none.
    let isWhole = isReadable && values.count == texts.count
    value = isWhole ? values.last : nil
    turns = isWhole && row.isConversation ? values : []
    last = answers.last
    disagreements = answers.enumerated().compactMap { turn, answer in
      guard !answer.agrees else { return nil }
      var line = JSONObject([
        ("id", .string(row.id)), ("sample", JSON(row.sample)), ("strict", JSON(answer.strict)),
        ("flexible", JSON(answer.flexible)), ("value", JSON(answer.value)),
      ])
      line["turn"] = row.isConversation ? JSON(turn) : nil
      return .object(line)
    }
  }
}
