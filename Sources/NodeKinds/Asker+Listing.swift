import Execution
import ModelService
import Primitives

extension Asker {
  /// Hands on which calls have no recorded answer, for `--frozen`, and sends none.
  func list(
    _ missing: inout MissingCalls,
    _ tally: inout AskingTally,
    _ list: (JSON) throws -> Void
  ) async throws {
    while let call = try await missing.next() {
      try list([
        "call": .string(call.key.hex), "draw": call.draw.json,
        "request": try JSON(parsing: call.requestText),
      ])
      tally.countUnasked(call.key)
    }
  }
}
