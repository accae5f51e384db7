import Foundation
import Primitives

extension ArchivedCall {
  var json: JSON {
    var members = JSONObject([("key", .string(key.hex)), ("model", .string(model))])
    if let request { Self.write(request, "request", &members) }
    members["attempts"] = .array(attempts.map(\.json))
    return .object(members)
  }

  /// Reads a line; nil if it is none, or an answer is not what was sealed.
  init?(_ json: JSON) {
    guard let key = (json["key"]?.string).flatMap({ Digest(hex: $0) }),
      let model = json["model"]?.string, let list = json["attempts"]?.array, !list.isEmpty
    else { return nil }
    let attempts = list.compactMap { Attempt($0) }
    let numbers = attempts.map(\.number)
    guard attempts.count == list.count, numbers.allSatisfy({ $0 > 0 && $0 < 1 << 20 }),
      zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }),
      attempts.allSatisfy({ $0.isSealed(key) })
    else { return nil }
    self.key = key
    self.model = model
    request = Self.read("request", json)
    self.attempts = attempts
  }

  // MARK: Contents

  fileprivate static func write(_ content: Content, _ name: String, _ members: inout JSONObject) {
    switch content {
    case .object(let digest): members["\(name)_object"] = .string(digest.hex)
    case .bytes(let bytes):
      // Most are texts; what is none must come back to the byte.
      if let text = String(validating: bytes, as: UTF8.self) {
        members[name] = .string(text)
      } else {
        members["\(name)_base64"] = .string(Data(bytes).base64EncodedString())
      }
    }
  }

  fileprivate static func read(_ name: String, _ json: JSON) -> Content? {
    if let text = json[name]?.string { return .bytes(Array(text.utf8)) }
    if let text = json["\(name)_base64"]?.string {
      return Data(base64Encoded: text).map { .bytes([UInt8]($0)) }
    }
    return (json["\(name)_object"]?.string).flatMap { Digest(hex: $0) }.map { .object($0) }
  }
}

extension ArchivedCall.Attempt {
  var json: JSON {
    var members = JSONObject([
      ("number", JSON(number)), ("run", JSON(run)), ("started_at", .integer(startedAt)),
      ("ended_at", .integer(endedAt)), ("outcome", .string(outcome)),
      ("served_model", JSON(servedModel)), ("prompt_tokens", Self.json(tokens.prompt)),
      ("completion_tokens", Self.json(tokens.completion)),
      ("reserved_nanos", reserved.map(JSON.integer) ?? .null),
      ("cost_nanos", cost.map(JSON.integer) ?? .null), ("detail", JSON(detail)),
    ])
    if let answer {
      members["seal"] = .string(answer.seal.hex)
      ArchivedCall.write(answer.content, "answer", &members)
    }
    return .object(members)
  }

  private static func json(_ number: Int?) -> JSON { number.map { JSON($0) } ?? .null }

  init?(_ json: JSON) {
    guard let number = json["number"]?.int, let startedAt = json["started_at"]?.integer,
      let endedAt = json["ended_at"]?.integer, let outcome = json["outcome"]?.string
    else { return nil }
    let amounts = ["prompt_tokens", "completion_tokens", "reserved_nanos", "cost_nanos"].map {
      json[$0]?.integer
    }
    guard amounts.allSatisfy({ $0 ?? 0 >= 0 }) else { return nil }
    self.number = number
    run = json["run"]?.string
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.outcome = outcome
    servedModel = json["served_model"]?.string
    tokens = TokenCounts(
      prompt: json["prompt_tokens"]?.int,
      completion: json["completion_tokens"]?.int
    )
    reserved = amounts[2]
    cost = amounts[3]
    detail = json["detail"]?.string
    let seal = (json["seal"]?.string).flatMap { Digest(hex: $0) }
    answer = seal.flatMap { seal in
      ArchivedCall.read("answer", json).map { ArchivedCall.Answer(seal: seal, content: $0) }
    }
  }

  /// Whether the attempt has an answer just if its outcome says so, and one that its seal fits.
  func isSealed(_ key: Digest) -> Bool {
    guard let answer else {
      return Release(rawValue: outcome) != nil || UTF8Order.equal(outcome, Outcome.lost)
    }
    guard let outcome = Outcome(rawValue: outcome) else { return false }
    return answer.seal
      == AnswerSeal.make(
        key: key,
        answer: answer.content.digest,
        outcome: outcome,
        servedModel: servedModel,
        tokens: tokens
      )
  }

  /// What it counts for in the account of its run.
  var spending: Spending {
    guard Release(rawValue: outcome) == nil else { return .none }
    return Spending(
      cost: cost.map { Money(nanos: $0) },
      reserved: reserved.map { Money(nanos: $0) }
    )
  }
}
