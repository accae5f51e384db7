import Foundation
import Primitives

/// The digest that binds an answer to its call, so that nothing damaged or swapped is served.
///
/// SQLite finds a broken tree, not a flipped bit in a row. The seal is SHA-256 over: the call key
/// (32 bytes), SHA-256 of the answer (32 bytes), then these texts, each followed by a zero byte:
/// outcome, served model, prompt tokens and completion tokens in decimal; empty where unknown.
enum AnswerSeal {
  static func make(
    key: Digest,
    answer: Digest,
    outcome: Outcome,
    servedModel: String?,
    tokens: TokenCounts
  ) -> Digest {
    var bytes: [UInt8] = key.bytes + answer.bytes
    let texts = [
      outcome.rawValue, servedModel ?? "", tokens.prompt.map(String.init) ?? "",
      tokens.completion.map(String.init) ?? "",
    ]
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      bytes.append(0)
    }
    return Digest(of: bytes)
  }
}
