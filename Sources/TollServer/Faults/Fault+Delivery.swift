import Primitives

extension Fault {
  /// What the fault makes of an answer that would have been right.
  ///
  /// - Parameters:
  ///   - reply: The right answer; nil where the request had no effect.
  ///   - request: What was asked.
  /// - Returns: What goes out instead.
  func applied(to reply: Reply?, of request: Request) -> Reply {
    if let refusal = refusal(request) { return refusal }
    if let silence { return silence }
    guard var reply else { return .silence(.nothing(.close)) }
    switch name {
    case .resetInsideHeaders: reply.delivery = .half(.head, .reset)
    case .resetInsideAnswer: reply.delivery = .half(.body, .reset)
    case .closeInsideAnswer: reply.delivery = .half(.body, .close)
    case .streamCut, .streamError:
      // The stream itself ends early; an answer that is none is cut.
      reply.delivery = reply.isStream ? .wholeThenClose : .half(.body, .close)
    case .stallInsideAnswer: reply.delivery = .halfThenStall(seconds: stallSeconds)
    case .drip: reply.delivery = .drip(milliseconds: int("ms") ?? 1_000)
    case .shortBody: reply.framing = .length(over: 100)
    case .longBody: reply.framing = .length(over: -100)
    case .chunksCut: reply.framing = .chunksCut
    case .closeAfterAnswer: reply.delivery = .wholeThenClose
    default: replaceBody(of: &reply)
    }
    if name == .longBody { reply.lengthen(by: 100) }
    return reply
  }

  private var stallSeconds: Double { seconds("seconds", default: 3_600) }

  /// Faults that send nothing.
  private var silence: Reply? {
    switch name {
    case .resetBeforeReading, .resetInsideRequest, .resetBeforeCharge, .resetAfterCharge:
      .silence(.nothing(.reset))
    case .closeBeforeCharge, .closeAfterCharge: .silence(.nothing(.close))
    case .stallBeforeCharge, .stallBeforeHeaders: .silence(.stall(seconds: stallSeconds))
    default: nil
    }
  }

  /// Faults of what comes with status 200, that any operation can have.
  private func replaceBody(of reply: inout Reply) {
    switch name {
    case .html:
      let page = "<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>"
      reply = Reply(200, bytes: Array(page.utf8), type: "text/html")
    case .errorInside:
      let error = ServiceError(status: 200, message: "Upstream failed.", type: "server_error")
      reply = error.reply(.openAI)
    case .emptyBody: reply.body = .bytes([])
    case .truncatedJSON: reply.body = .bytes(Array(reply.bytes.prefix(reply.bytes.count / 2)))
    case .byteOrderMark: reply.body = .bytes([0xEF, 0xBB, 0xBF] + reply.bytes)
    default: break
    }
  }
}

extension Reply {
  fileprivate var isStream: Bool { headers.contains { $0.value == "text/event-stream" } }

  /// Puts blanks behind the body.
  fileprivate mutating func lengthen(by count: Int) {
    body = .bytes(bytes + repeatElement(0x20, count: count))
  }
}
