import Primitives
import Store

/// One call with everything that is known of it, in words; what models and servers wrote is escaped.
enum CallDetailText {
  static func lines(_ detail: CallDetail) -> [String] {
    let call = detail.summary
    var lines = [
      "call \(call.key.hex)", "state: \(call.state.name)", "model: \(ModelName.full(call.model))",
      "price: \(CallText.money(call))" + (CallText.tokens(call.tokens).map { ", \($0)" } ?? ""),
    ]
    if let account = call.account { lines.append("workflow: \(ForeignText.line(account))") }
    lines.append("")
    lines += request(detail.request)
    for attempt in detail.attempts { lines += [""] + self.attempt(attempt, of: call) }
    return lines
  }

  // MARK: - Request

  private static func request(_ bytes: [UInt8]) -> [String] {
    guard let json = try? JSON(parsing: bytes) else {
      return ["request:", ForeignText.block(String(decoding: bytes, as: UTF8.self))]
    }
    var lines = ["request: \(ForeignText.line((json["decoding"] ?? .null).compactText))"]
    for message in json["messages"]?.array ?? [] {
      lines.append("  \(ForeignText.line(message["role"]?.string ?? "")):")
      lines.append(ForeignText.block(message["content"]?.string ?? "", indentation: "    "))
    }
    return lines
  }

  // MARK: - Attempts

  private static func attempt(_ attempt: AttemptRecord, of call: CallSummary) -> [String] {
    let outcome = attempt.outcome ?? call.state.name
    var parts = ["attempt \(attempt.number): \(outcome)", Times.moment(attempt.startedAt)]
    if let ended = attempt.endedAt {
      parts.append(String(describing: Times.span(Double(ended - attempt.startedAt) / 1000)))
    }
    parts.append(
      attempt.cost.map { "\($0)" } ?? attempt.reserved.map { "at most \($0)" } ?? "cost unknown"
    )
    if let tokens = CallText.tokens(attempt.tokens) { parts.append(tokens) }
    if let run = attempt.runID { parts.append("run \(run)") }
    var lines = [parts.joined(separator: ", ")]
    if let served = attempt.servedModel {
      lines.append("  the server names the model '\(ForeignText.line(served))'")
    }
    if let detail = attempt.detail { lines.append("  \(ForeignText.line(detail, limit: 1_000))") }
    if let body = attempt.body { lines += answer(body) }
    return lines
  }

  /// The text of an answer, and what else the record says of it.
  private static func answer(_ body: [UInt8]) -> [String] {
    guard let json = try? JSON(parsing: body), var members = json.object else {
      return [
        "  answer:", ForeignText.block(String(decoding: body, as: UTF8.self), indentation: "    "),
      ]
    }
    let text = members["text"]?.string ?? ""
    for shown in ["text", "state"] { members[shown] = nil }
    var lines = ["  answer:"]
    if !text.isEmpty { lines.append(ForeignText.block(text, indentation: "    ")) }
    if !members.isEmpty {
      lines.append(
        "  beside it: \(ForeignText.line(JSON.object(members).compactText, limit: 2_000))"
      )
    }
    return lines
  }

  // MARK: - JSON

  static func json(_ detail: CallDetail) -> JSON {
    [
      "type": "call", "version": 1, "call": CallText.json(detail.summary),
      "request": (try? JSON(parsing: detail.request)) ?? .null,
      "attempts": .array(detail.attempts.map(json)),
    ]
  }

  private static func json(_ attempt: AttemptRecord) -> JSON {
    [
      "number": JSON(attempt.number), "outcome": JSON(attempt.outcome), "run": JSON(attempt.runID),
      "started_at_ms": .integer(attempt.startedAt),
      "ended_at_ms": attempt.endedAt.map(JSON.integer) ?? .null,
      "served_model": JSON(attempt.servedModel), "cost_usd": Amounts.json(attempt.cost),
      "reserved_usd": Amounts.json(attempt.reserved),
      "prompt_tokens": attempt.tokens.prompt.map { JSON($0) } ?? .null,
      "completion_tokens": attempt.tokens.completion.map { JSON($0) } ?? .null,
      "detail": attempt.detail.flatMap { try? JSON(parsing: Array($0.utf8)) } ?? .null,
      "answer": attempt.body.flatMap { try? JSON(parsing: $0) } ?? .null,
    ]
  }
}
