import Primitives

extension Fault {
  /// Changes the bytes of a chat answer where JSON cannot say what the fault wants.
  func reply(to answer: ChatAnswer) -> Reply {
    switch name {
    case .invalidUTF8: replaced(answer, by: [0xC3, 0x28, 0xFF])
    case .rawNUL: replaced(answer, by: [0])
    case .loneSurrogate: replaced(answer, by: Array(#"\ud800"#.utf8))
    case .duplicateKeys: duplicated(answer)
    case .deepJSON: deep(answer)
    case .notANumber: withUsage(answer, "NaN")
    case .hugeNumbers: withUsage(answer, "1e400,\"big\":\(String(repeating: "9", count: 40))")
    case .endless: endless(answer)
    case .gzipBomb: bomb(answer)
    default: Reply(json: answer.json)
    }
  }

  private static let placeholder = "@@toll@@"

  /// The answer's bytes on both sides of a place in each choice's text; the first such place.
  private func split(_ answer: ChatAnswer) -> (before: [UInt8], after: [UInt8]) {
    var answer = answer
    for index in answer.choices.indices {
      answer.choices[index].content = index == 0 ? Self.placeholder : ""
    }
    let bytes = Array(answer.json.compactText.utf8)
    guard let range = bytes.firstRange(of: Array(Self.placeholder.utf8)) else { return (bytes, []) }
    return (Array(bytes[..<range.lowerBound]), Array(bytes[range.upperBound...]))
  }

  private func replaced(_ answer: ChatAnswer, by bytes: [UInt8]) -> Reply {
    let (before, after) = split(answer)
    let text = Array((answer.choices.first?.content ?? "").utf8)
    return Reply(200, bytes: before + text + bytes + after, type: "application/json")
  }

  private func endless(_ answer: ChatAnswer) -> Reply {
    let (before, after) = split(answer)
    let unit = Array(ChatAnswer.sentence.utf8)
    var reply = Reply(200, bytes: [], type: "application/json")
    reply.body = .repeated(
      head: before,
      unit: unit,
      times: (int("bytes") ?? 1_000_000_000) / unit.count,
      tail: after
    )
    reply.framing = .chunked
    return reply
  }

  private func bomb(_ answer: ChatAnswer) -> Reply {
    let (before, after) = split(answer)
    let bomb = GzipBomb(
      before: before,
      byte: UInt8(ascii: "a"),
      count: int("bytes") ?? 1_000_000_000,
      after: after
    )
    var reply = Reply(200, bytes: [], type: "application/json")
    reply.setHeader("Content-Encoding", "gzip")
    reply.body = bomb.body
    reply.framing = .chunked
    return reply
  }

  private func duplicated(_ answer: ChatAnswer) -> Reply {
    var other = answer
    for index in other.choices.indices { other.choices[index].content = "The answer is -1." }
    return with(answer, "\"choices\":\((other.json["choices"] ?? .null).compactText)")
  }

  private func deep(_ answer: ChatAnswer) -> Reply {
    let levels = int("levels") ?? 10_000
    let nested = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    return with(answer, "\"extra\":\(nested)")
  }

  private func withUsage(_ answer: ChatAnswer, _ number: String) -> Reply {
    var answer = answer
    answer.usage = nil
    return with(
      answer,
      "\"usage\":{\"prompt_tokens\":\(answer.charge.promptTokens),\"completion_tokens\":\(number)}"
    )
  }

  /// The answer with one more member, as it is written.
  private func with(_ answer: ChatAnswer, _ member: String) -> Reply {
    let text = answer.json.compactText.dropLast() + ",\(member)}"
    return Reply(200, bytes: Array(text.utf8), type: "application/json")
  }
}
