package import Primitives

/// How one row of an evaluation came out.
package struct RowResult: Hashable, Sendable {
  package enum State: String, CaseIterable, Sendable {
    case correct, wrong
    /// No answer could be read.
    case invalid
    /// The row has no label to compare with; it counts in no accuracy.
    case unlabelled
  }

  package let id: String
  package let state: State
  /// The row's label in the form that answers have.
  package let expected: String?
  /// The answer; nil where none could be read.
  package let got: String?
  /// Whether the strict and the flexible reading do not contradict each other.
  package let readingsAgree: Bool
  /// Words of the completion.
  package let words: Int
  package let promptTokens: Int?
  package let completionTokens: Int?
  /// Whether another model gave the same answer; nil where no other was asked.
  package let agreesWithOther: Bool?
  /// Entities of the answer, a summary; nil where there is none or nobody looked for them.
  package let entities: EntityCounts?

  package init(
    id: String,
    state: State,
    expected: String?,
    got: String?,
    readingsAgree: Bool = true,
    words: Int,
    promptTokens: Int?,
    completionTokens: Int?,
    agreesWithOther: Bool? = nil,
    entities: EntityCounts? = nil
  ) {
    self.id = id
    self.state = state
    self.expected = expected
    self.got = got
    self.readingsAgree = readingsAgree
    self.words = words
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.agreesWithOther = agreesWithOther
    self.entities = entities
  }

  /// The same row with the entities of its summary.
  package func withEntities(_ counts: EntityCounts?) -> RowResult {
    RowResult(
      id: id,
      state: state,
      expected: expected,
      got: got,
      readingsAgree: readingsAgree,
      words: words,
      promptTokens: promptTokens,
      completionTokens: completionTokens,
      agreesWithOther: agreesWithOther,
      entities: counts
    )
  }

  /// The same row with whether another model gave the same answer.
  package func withAgreement(_ agrees: Bool?) -> RowResult {
    RowResult(
      id: id,
      state: state,
      expected: expected,
      got: got,
      readingsAgree: readingsAgree,
      words: words,
      promptTokens: promptTokens,
      completionTokens: completionTokens,
      agreesWithOther: agrees,
      entities: entities
    )
  }

  /// Compares an answer with the record's label.
  ///
  /// The answer is what was read or what a vote chose, nil where nothing was; `readingsAgree` is
  /// `ReadAnswer.agrees`; of the completion's text only the length counts.
  package static func judge(
    _ record: Record,
    answer: String?,
    readingsAgree: Bool = true,
    text: String,
    promptTokens: Int?,
    completionTokens: Int?,
    reading: Reading
  ) -> RowResult {
    let expected = reading.expected(record)
    let state: State =
      if let expected {
        answer.map { reading.equal($0, expected) ? .correct : .wrong } ?? .invalid
      } else {
        .unlabelled
      }
    return RowResult(
      id: record.id,
      state: state,
      expected: expected,
      got: answer,
      readingsAgree: readingsAgree,
      words: Words.count(text),
      promptTokens: promptTokens,
      completionTokens: completionTokens
    )
  }
}

extension RowResult {
  /// A line of the scores' rows part.
  package var json: JSON {
    var object = JSONObject([
      ("id", .string(id)), ("state", .string(state.rawValue)), ("expected", JSON(expected)),
      ("got", JSON(got)), ("readings_agree", .bool(readingsAgree)), ("words", JSON(words)),
    ])
    object["prompt_tokens"] = promptTokens.map { JSON($0) }
    object["completion_tokens"] = completionTokens.map { JSON($0) }
    object["agrees_with_other"] = agreesWithOther.map(JSON.bool)
    if let entities {
      object["entities"] = JSON(entities.distinct)
      object["shared_entities"] = JSON(entities.shared)
      object["summary_tokens"] = JSON(entities.tokens)
    }
    return .object(object)
  }

  /// Reads a line back; nil for anything that `json` did not write.
  package init?(json: JSON) {
    guard let id = json["id"]?.string, let state = json["state"]?.string.flatMap(State.init),
      let words = json["words"]?.int
    else { return nil }
    self.init(
      id: id,
      state: state,
      expected: json["expected"]?.string,
      got: json["got"]?.string,
      readingsAgree: json["readings_agree"]?.bool ?? true,
      words: words,
      promptTokens: json["prompt_tokens"]?.int,
      completionTokens: json["completion_tokens"]?.int,
      agreesWithOther: json["agrees_with_other"]?.bool,
      entities: EntityCounts(json: json)
    )
  }
}
