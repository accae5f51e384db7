import ModelService
package import Primitives

extension CompletionRow {
  /// `{"id", "sample", "state", "text", "reroll"?, "prompt_tokens"?, "completion_tokens"?, "turns"?}`;
  /// a conversation's `turns` have the same members, `id` and `sample` apart.
  package var json: JSON {
    var members: [(key: String, value: JSON)] = [("id", .string(id)), ("sample", JSON(sample))]
    members += Self.members(state, text, reroll, promptTokens, completionTokens)
    if isConversation {
      let turns = turns.map { turn -> JSON in
        .object(
          JSONObject(
            Self.members(
              turn.state,
              turn.text,
              turn.reroll,
              turn.promptTokens,
              turn.completionTokens
            )
          )
        )
      }
      members.append(("turns", .array(turns)))
    }
    return .object(JSONObject(members))
  }

  private static func members(
    _ state: Answer.State,
    _ text: String,
    _ reroll: Int,
    _ promptTokens: Int?,
    _ completionTokens: Int?
  ) -> [(key: String, value: JSON)] {
    var members: [(key: String, value: JSON)] = [
      ("state", .string(state.rawValue)), ("text", .string(text)),
    ]
    if reroll > 0 { members.append(("reroll", JSON(reroll))) }
    if let promptTokens { members.append(("prompt_tokens", JSON(promptTokens))) }
    if let completionTokens { members.append(("completion_tokens", JSON(completionTokens))) }
    return members
  }

  /// Reads a line that `json` wrote; anything else in a verified object is a bug.
  package init(line: [UInt8]) throws {
    let json = try JSON(parsing: line)
    guard let id = json["id"]?.string, let sample = json["sample"]?.int, let only = Turn(json)
    else { preconditionFailure("BUG: a completions object holds '\(json.canonicalText)'") }
    guard let list = json["turns"]?.array else {
      self.init(id: id, sample: sample, only)
      return
    }
    let turns = list.compactMap { Turn($0) }
    precondition(
      turns.count == list.count && !turns.isEmpty,
      "BUG: a completions object holds '\(json.canonicalText)'"
    )
    self.init(id: id, sample: sample, turns: turns)
  }
}

extension CompletionRow.Turn {
  fileprivate init?(_ json: JSON) {
    guard let state = json["state"]?.string.flatMap(Answer.State.init),
      let text = json["text"]?.string
    else { return nil }
    self.init(
      state: state,
      text: text,
      reroll: json["reroll"]?.int ?? 0,
      promptTokens: json["prompt_tokens"]?.int,
      completionTokens: json["completion_tokens"]?.int
    )
  }
}
