package import ModelService
package import Primitives

/// One line of a completions artifact: what a model answered for one row and sample.
///
/// No time, price or run stands here: the same answers give the same bytes.
package struct CompletionRow: Hashable, Sendable {
  package let id: String
  package let sample: Int
  /// How many draws came before this one and were not usable; the row shows that it was re-rolled.
  package let reroll: Int
  /// What became of the call; only `answered` may go into training without being asked for.
  package let state: Answer.State
  package let text: String
  package let promptTokens: Int?
  package let completionTokens: Int?

  package init(
    id: String,
    sample: Int,
    reroll: Int = 0,
    state: Answer.State,
    text: String,
    promptTokens: Int?,
    completionTokens: Int?
  ) {
    self.id = id
    self.sample = sample
    self.reroll = reroll
    self.state = state
    self.text = text
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
  }

  package init(id: String, sample: Int, reroll: Int = 0, answer: Answer) {
    self.init(
      id: id,
      sample: sample,
      reroll: reroll,
      state: answer.state,
      text: answer.text,
      promptTokens: answer.usage.promptTokens,
      completionTokens: answer.usage.completionTokens
    )
  }

  package var json: JSON {
    var members: [(key: String, value: JSON)] = [
      ("id", .string(id)), ("sample", JSON(sample)), ("state", .string(state.rawValue)),
      ("text", .string(text)),
    ]
    if reroll > 0 { members.append(("reroll", JSON(reroll))) }
    if let promptTokens { members.append(("prompt_tokens", JSON(promptTokens))) }
    if let completionTokens { members.append(("completion_tokens", JSON(completionTokens))) }
    return .object(JSONObject(members))
  }

  /// Reads a line that `json` wrote; anything else in a verified object is a bug.
  package init(line: [UInt8]) throws {
    let json = try JSON(parsing: line)
    guard let id = json["id"]?.string, let sample = json["sample"]?.int,
      let state = json["state"]?.string.flatMap(Answer.State.init), let text = json["text"]?.string
    else { preconditionFailure("BUG: a completions object holds '\(json.canonicalText)'") }
    self.init(
      id: id,
      sample: sample,
      reroll: json["reroll"]?.int ?? 0,
      state: state,
      text: text,
      promptTokens: json["prompt_tokens"]?.int,
      completionTokens: json["completion_tokens"]?.int
    )
  }
}
