import Primitives

/// What the ledger says of one request; filled in as the request is served.
struct LedgerEntry: Sendable {
  /// Whether a request showed who sends it; the key itself is never recorded.
  enum Credential: String, Sendable {
    /// No key came.
    case none
    case right, wrong
    /// A key came, and the server has none to compare it with.
    case unchecked
  }

  /// What was charged, in tokens.
  struct Charge: Sendable {
    var promptTokens: Int
    var completionTokens: Int
  }

  let number: Int
  let connection: Int
  let endpoint: Endpoint
  /// From 1, among the requests to this endpoint.
  let ordinal: Int
  let method: String
  let path: String
  let arrivedAt: Int64
  var credential = Credential.none
  var idempotencyKey: String?
  /// Digest of the body's bytes; nil where they did not come whole.
  var body: Digest?
  /// Digest of the logical chat request.
  var call: Digest?
  var model: String?
  var charge: Charge?
  var isReplayed = false
  var fault: Fault?
  /// The object that the request made or changed: a file, a job, a batch, a deployment.
  var object: String?
  /// Of the answer; nil where none was to be sent.
  var status: Int?

  var json: JSON {
    var members = JSONObject([
      ("event", "request"), ("n", JSON(number)), ("at", .integer(arrivedAt)),
      ("connection", JSON(connection)), ("endpoint", .string(endpoint.rawValue)),
      ("k", JSON(ordinal)), ("method", .string(method)), ("path", .string(path)),
      ("credential", .string(credential.rawValue)), ("charged", .bool(charge != nil)),
      ("replayed", .bool(isReplayed)),
    ])
    members["body"] = body.map { .string($0.hex) }
    members["call"] = call.map { .string($0.hex) }
    members["key"] = idempotencyKey.map(JSON.string)
    members["model"] = model.map(JSON.string)
    members["prompt_tokens"] = charge.map { JSON($0.promptTokens) }
    members["completion_tokens"] = charge.map { JSON($0.completionTokens) }
    members["object"] = object.map(JSON.string)
    members["fault"] = fault?.json
    members["status"] = status.map { JSON($0) }
    return .object(members)
  }

  /// The record of how an answer's sending ended.
  static func end(_ number: Int, isComplete: Bool) -> JSON {
    ["event": "end", "n": JSON(number), "complete": .bool(isComplete)]
  }
}
