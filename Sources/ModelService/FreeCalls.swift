import Primitives
import Transfer

/// Requests that cost nothing and so may be sent again: lists, uploads, the state of a job.
struct FreeCalls: Sendable {
  let client: APIClient
  let endpoint: ModelEndpoint
  let time: Timekeeper
  var attempts = 5

  /// Why there is no JSON.
  struct Failure: Error, CustomStringConvertible {
    /// Nil if no whole answer arrived.
    let status: Int?
    /// Whether the server can have acted on the request.
    let delivery: TransferFailure.Delivery
    /// Whether another try, or more patience, may mend it.
    let isPassing: Bool
    let message: String

    var description: String { message }

    init(_ failure: TransferFailure, message: String) {
      status = nil
      delivery = failure.delivery
      isPassing = failure.cause != .invalidRequest && failure.cause != .certificateRefused
      self.message = message
    }

    /// An answer that is an error, or no JSON.
    init(status: Int, message: String) {
      self.status = status
      delivery = .inDoubt
      isPassing =
        [408, 409, 425, 429].contains(status) || status >= 500 || (200..<300).contains(status)
      self.message = message
    }
  }

  func get(_ path: String) async throws -> JSON {
    try await repeated { try await once(.get, path) }
  }

  func post(
    _ path: String,
    _ body: HTTPBody,
    contentType: String = "application/json"
  ) async throws -> JSON {
    try await repeated { try await once(.post, path, body, contentType: contentType) }
  }

  /// One sending, for a request that is not free to repeat.
  func once(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ body: HTTPBody = .empty,
    contentType: String = "application/json"
  ) async throws -> JSON {
    let secret = try await client.secret(for: endpoint)
    let outcome = await client.send(
      method,
      path,
      to: endpoint,
      secret: secret,
      body: body,
      contentType: contentType
    )
    switch outcome {
    case .failure(let failure):
      throw Failure(
        failure,
        message: "\(endpoint.address.name) gave no answer: \(failure.message)"
      )
    case .response(let response):
      // Whatever is read of it, events of a job included, comes without the key.
      let body = secret.map {
        Array($0.redacted(String(decoding: response.body, as: UTF8.self)).utf8)
      }
      return try read(body ?? response.body, response.status, path)
    }
  }

  private func read(_ body: [UInt8], _ status: Int, _ path: String) throws -> JSON {
    if (200..<300).contains(status), let json = try? JSON(parsing: body) { return json }
    let text = ForeignText.shown(APIErrorBody(body).text)
    throw Failure(
      status: status,
      message: "\(endpoint.address.name) answered \(path) with \(status): \(text)"
    )
  }

  private func repeated(_ body: () async throws -> JSON) async throws -> JSON {
    var attempt = 1
    while true {
      do {
        return try await body()
      } catch let failure as Failure where failure.isPassing && attempt < attempts {
        let wait = CallPolicy().wait(after: attempt, asked: nil, jitter: time.jitter())
        try await time.sleep(wait)
        attempt += 1
      }
    }
  }
}
