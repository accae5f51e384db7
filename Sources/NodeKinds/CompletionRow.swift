package import ModelService
package import Primitives

/// One line of a completions artifact: what a model answered for one row and sample.
///
/// No time, price or run stands here: the same answers give the same bytes.
package struct CompletionRow: Hashable, Sendable {
  package let id: String
  package let sample: Int
  /// What became of the call; only `answered` may go into training without being asked for.
  package let state: Answer.State
  package let text: String
  package let promptTokens: Int?
  package let completionTokens: Int?

  package init(
    id: String,
    sample: Int,
    state: Answer.State,
    text: String,
    promptTokens: Int?,
    completionTokens: Int?
  ) {
    self.id = id
    self.sample = sample
    self.state = state
    self.text = text
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
  }

  package init(id: String, sample: Int, answer: Answer) {
    self.init(
      id: id,
      sample: sample,
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
      state: state,
      text: text,
      promptTokens: json["prompt_tokens"]?.int,
      completionTokens: json["completion_tokens"]?.int
    )
  }
}
