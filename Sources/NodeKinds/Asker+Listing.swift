import Execution
import ModelService
import Primitives

extension Asker {
  /// Hands on which calls have no recorded answer, for `--frozen`, and sends none.
  ///
  /// The further turns of a conversation hang on the answer that is missing: only their number is
  /// known.
  func list(
    _ missing: inout MissingCalls,
    _ tally: inout AskingTally,
    _ list: (JSON) throws -> Void
  ) async throws {
    while let inquiry = try await missing.next() {
      let call = inquiry.call
      var entry = JSONObject([
        ("call", .string(call.key.hex)), ("draw", call.draw.json),
        ("request", try JSON(parsing: call.requestText)),
      ])
      if inquiry.turnsLeft > 0 { entry["further_turns"] = JSON(inquiry.turnsLeft) }
      try list(.object(entry))
      tally.countUnasked(call.key)
    }
  }
}
