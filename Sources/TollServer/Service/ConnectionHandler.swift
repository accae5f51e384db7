import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Serves the requests of one connection, one after the other.
struct ConnectionHandler: Sendable {
  let service: TollService

  func serve(_ connection: consuming Connection) {
    var connection = connection
    while let bytes = connection.takeHead() {
      guard let head = RequestHead(bytes) else {
        let error = ServiceError.invalid(nil, "The request is no HTTP/1.1.")
        _ = connection.deliver(error.reply(.openAI), keepAlive: false)
        return
      }
      guard serve(head, &connection) else { return }
    }
  }

  /// Serves one request; false when the connection is over.
  private func serve(_ head: RequestHead, _ connection: inout Connection) -> Bool {
    let arrival = service.arrive(head, connection: connection.number)
    if let fault = arrival.fault, fault.name.cutsRequest {
      cut(fault, head, &connection)
      service.recordCut(arrival)
      return false
    }
    let body: [UInt8]
    do {
      body = try connection.readBody(of: head)
    } catch {
      service.recordCut(arrival)
      refuse(error, connection)
      return false
    }
    let request = Request(head: head, route: arrival.route, body: body)
    let reply = service.answer(arrival, request)
    pause(body)
    let sent = connection.deliver(reply, keepAlive: head.keepsAlive)
    service.recordEnd(arrival, isComplete: sent.isComplete)
    return !sent.isOver
  }

  private func cut(_ fault: Fault, _ head: RequestHead, _ connection: inout Connection) {
    if fault.name == .resetInsideRequest, let length = head["content-length"].flatMap({ Int($0) }) {
      _ = connection.take(length / 2)
    }
    connection.resetOnClose()
  }

  private func refuse(_ failure: Connection.BodyFailure, _ connection: borrowing Connection) {
    let error: ServiceError
    switch failure {
    case .gone: return
    case .tooLarge: error = ServiceError(status: 413, message: "The body is too large.")
    case .malformed: error = .invalid(nil, "The body's length cannot be read.")
    }
    _ = connection.deliver(error.reply(.openAI), keepAlive: false)
  }

  /// Waits as a model would think: so long for so long a request, the same each time.
  private func pause(_ body: [UInt8]) {
    let latency = service.options.latency
    guard latency.upperBound > 0 else { return }
    var dice = SeededGenerator(seed: Digest(of: body).words.0)
    let milliseconds = latency.lowerBound + dice.below(latency.count)
    usleep(UInt32(milliseconds) * 1_000)
  }
}
