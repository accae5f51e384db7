import Primitives

/// A request for chat completions, as far as it shapes the answer.
struct ChatCall: Sendable {
  let model: String
  /// Texts of all messages, joined where a message has parts.
  let messages: [(role: String, text: String)]
  let choices: Int
  /// Most tokens of an answer; nil where the request sets no limit.
  let maxTokens: Int?
  let isStream: Bool
  /// Whether a stream ends with the usage.
  let streamsUsage: Bool
  /// Digest of everything that a model would see, however the body is written.
  let digest: Digest

  /// Members of a body that say how to send or file an answer, not what to answer.
  private static let unseen = ["stream", "stream_options", "user", "metadata", "store"]

  init(_ body: JSONObject, deployment: String? = nil) throws(ServiceError) {
    guard let model = deployment ?? body["model"]?.string else {
      throw .invalid("model", "you must provide a model parameter")
    }
    self.model = model
    guard let list = body["messages"]?.array, !list.isEmpty else {
      throw .invalid("messages", "'messages' is missing or empty; expected a list of messages")
    }
    var messages: [(role: String, text: String)] = []
    for (index, message) in list.enumerated() {
      messages.append(try Self.message(message, index))
    }
    self.messages = messages
    choices = try Self.count("n", body, in: 1...128) ?? 1
    let limits = try ["max_completion_tokens", "max_tokens"].map { key throws(ServiceError) in
      try Self.count(key, body, in: 1...1_000_000)
    }
    maxTokens = limits.compactMap { $0 }.min()
    isStream = body["stream"]?.bool ?? false
    streamsUsage = body["stream_options"]?["include_usage"]?.bool ?? false
    var seen = body
    seen["model"] = .string(model)
    for key in Self.unseen { seen[key] = nil }
    digest = Digest(of: JSON.object(seen).canonical)
  }

  private static func message(
    _ json: JSON,
    _ index: Int
  ) throws(ServiceError) -> (role: String, text: String) {
    guard let role = json["role"]?.string else {
      throw .invalid("messages.[\(index)].role", "'messages.[\(index)].role' is missing")
    }
    switch json["content"] {
    case .string(let text): return (role, text)
    case .array(let parts): return (role, parts.compactMap { $0["text"]?.string }.joined())
    case .null, nil: return (role, "")
    case let other?:
      throw .invalid(
        "messages.[\(index)].content",
        "'messages.[\(index)].content' is \(other.kindName); expected a text or a list of parts"
      )
    }
  }

  private static func count(
    _ key: String,
    _ body: JSONObject,
    in range: ClosedRange<Int>
  ) throws(ServiceError) -> Int? {
    guard let value = body[key], !value.isNull else { return nil }
    guard let count = value.int, range.contains(count) else {
      throw .invalid(
        key,
        "'\(key)' is \(value.compactText); expected \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return count
  }

  /// The text that markers are looked for in: what the user said last.
  var lastPrompt: String { messages.last { $0.role == "user" }?.text ?? "" }

  /// A quarter of the messages' UTF-8 bytes, rounded up.
  var promptTokens: Int { Tokens.count(messages.reduce(0) { $0 + $1.text.utf8.count }) }
}

/// The rule by which the server counts tokens: four bytes of UTF-8 are one, rounded up.
enum Tokens {
  static let bytes = 4

  static func count(_ byteCount: Int) -> Int { (byteCount + bytes - 1) / bytes }
}
