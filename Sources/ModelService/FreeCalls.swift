import Foundation
import Primitives
import Transfer

/// Requests that cost nothing and so may be sent again: lists, uploads, the state of a job.
struct FreeCalls: Sendable {
  let client: APIClient
  let endpoint: ModelEndpoint
  let time: Timekeeper
  var attempts = 5

  func get(_ path: String) async throws -> JSON {
    try await repeated { try await once(.get, path) }
  }

  func post(_ path: String, _ body: HTTPBody = .empty) async throws -> JSON {
    try await repeated { try await once(.post, path, body) }
  }

  /// The bytes of a file at the service, as it serves them; for small ones, held in memory.
  func content(ofFile id: String) async throws -> [UInt8] {
    try await repeated { try await answer(.get, Self.contentPath(id)).body }
  }

  /// A copy of a file at the service, of any size, on the disk.
  func download(file id: String) async throws -> DownloadedFile {
    try await repeated {
      let file = DownloadedFile()
      _ = try await answer(
        .get,
        Self.contentPath(id),
        limits: .largeFiles,
        saveTo: file.path
      )
      return file
    }
  }

  private static func contentPath(_ id: String) -> String {
    "/files/\(PercentEncoding.segment(id))/content"
  }

  /// One sending, for a request that is not free to repeat; the answer's JSON.
  func once(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ body: HTTPBody = .empty,
    contentType: String = "application/json",
    headers: [HTTPHeader] = [],
    limits: TransferLimits? = nil
  ) async throws -> JSON {
    let response = try await answer(
      method,
      path,
      body,
      contentType: contentType,
      headers: headers,
      limits: limits
    )
    // Whatever is read of it, events of a job included, comes without the key.
    let secret = try await client.secret(for: endpoint)
    let body = secret.map {
      Array($0.redacted(String(decoding: response.body, as: UTF8.self)).utf8)
    }
    guard let json = try? JSON(parsing: body ?? response.body) else {
      throw failure(response, path, "no JSON")
    }
    return json
  }

  /// Sends until an answer comes that is one, or no further try is of use.
  func repeated<Value>(_ body: () async throws -> Value) async throws -> Value {
    var attempt = 1
    while true {
      do {
        return try await body()
      } catch let failure as Failure where failure.isPassing && attempt < attempts {
        try await time.sleep(wait(after: attempt, failure))
        attempt += 1
      }
    }
  }

  /// The pause before another try; a service that asks for hours gets a minute's, and then asks
  /// again.
  func wait(after attempt: Int, _ failure: Failure) -> Duration {
    let asked = failure.wait.map { min($0, .seconds(60)) }
    return CallPolicy().wait(after: attempt, asked: asked, jitter: time.jitter())
  }

  /// A service that is asked how a job stands answers soon or not at all.
  private var patient: TransferLimits {
    var limits = endpoint.transfer
    limits.total = min(limits.total, .seconds(120))
    return limits
  }

  /// One sending; an answer of success, whatever its body.
  func answer(
    _ method: HTTPRequest.Method,
    _ path: String,
    _ body: HTTPBody = .empty,
    contentType: String = "application/json",
    headers: [HTTPHeader] = [],
    limits: TransferLimits? = nil,
    saveTo file: String? = nil
  ) async throws -> HTTPResponse {
    let secret = try await client.secret(for: endpoint)
    let outcome = await client.send(
      method,
      path,
      to: endpoint,
      secret: secret,
      body: body,
      contentType: contentType,
      headers: headers,
      limits: limits ?? patient,
      saveTo: file
    )
    switch outcome {
    case .failure(let failure):
      throw Failure(
        failure,
        message: "\(endpoint.address.name) gave no answer: \(failure.message)"
      )
    case .response(let response):
      guard (200..<300).contains(response.status) else {
        let text = APIErrorBody(response.body).text
        let shown = ForeignText.shown(secret?.redacted(text) ?? text)
        throw failure(response, path, shown.isEmpty ? "no reason given" : shown)
      }
      return response
    }
  }

  private func failure(_ response: HTTPResponse, _ path: String, _ reason: String) -> Failure {
    Failure(
      status: response.status,
      wait: RetryAfter.wait(in: response, now: time.wallClock()),
      message: "\(endpoint.address.name) answered \(path) with \(response.status): \(reason)"
    )
  }
}

extension FreeCalls {
  /// Why there is no answer.
  struct Failure: Error, CustomStringConvertible {
    /// Nil if no whole answer arrived.
    let status: Int?
    /// Whether the server can have acted on the request.
    let delivery: TransferFailure.Delivery
    /// Whether another try, or more patience, may mend it.
    let isPassing: Bool
    /// What the service asked to wait.
    let wait: Duration?
    let message: String

    var description: String { message }

    init(_ failure: TransferFailure, message: String) {
      status = nil
      delivery = failure.delivery
      isPassing = failure.cause != .invalidRequest && failure.cause != .certificateRefused
      wait = nil
      self.message = message
    }

    /// An answer that is an error, or no JSON.
    init(status: Int, wait: Duration? = nil, message: String) {
      self.status = status
      delivery = .inDoubt
      isPassing =
        [408, 409, 425, 429].contains(status) || status >= 500 || (200..<300).contains(status)
      self.wait = wait
      self.message = message
    }
  }
}

extension TransferLimits {
  /// For files of hundreds of megabytes: an hour, as long as something moves.
  static let largeFiles = TransferLimits(
    total: .seconds(3600),
    idle: .seconds(120),
    responseBytes: 1 << 40
  )
}

/// A file that lies in the folder for temporary files until nobody wants it any more.
final class DownloadedFile: Sendable {
  let path: String

  /// Names a file that is not there yet.
  init() {
    let folder = FileManager.default.temporaryDirectory
    path = folder.appendingPathComponent("distill-\(UUID().uuidString)").path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
