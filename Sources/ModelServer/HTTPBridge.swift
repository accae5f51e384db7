import FlyingFox
import Foundation
import Logging

/// Between FlyingFox and the routes: reads whole bodies, checks the token, writes the log.
struct HTTPBridge: HTTPHandler {
  let service: Service
  let gate: Gate
  let log: RequestLog?
  let logger: Logger

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    let answer = await answer(to: request)
    var headers: HTTPHeaders = [.contentType: answer.contentType]
    if let allow = answer.allow { headers[HTTPHeader("Allow")] = allow }
    if let stream = answer.stream {
      // What stands between client and server must not gather the parts.
      headers[HTTPHeader("Cache-Control")] = "no-cache"
      return HTTPResponse(
        statusCode: .ok,
        headers: headers,
        body: HTTPBodySequence(from: PartSequence(parts: stream))
      )
    }
    if answer.status == 401 { headers[HTTPHeader("WWW-Authenticate")] = "Bearer" }
    return HTTPResponse(
      statusCode: HTTPStatusCode(answer.status, phrase: Self.phrase(of: answer.status)),
      headers: headers,
      body: Data(answer.body)
    )
  }

  private func answer(to request: HTTPRequest) async -> APIResponse {
    do {
      let authorization = request.headers[.authorization]
      // The body of a refused request is read too, without keeping it: what is left of it would be
      // taken for the connection's next request.
      let refusal = gate.refusal(
        authorization: authorization,
        origin: request.headers[HTTPHeader("Origin")],
        host: request.headers[.host]
      )
      let limit = refusal == nil ? Self.bodyLimit(of: request) : 0
      guard let body = try? await Self.body(of: request, limit: limit) else {
        return APIResponse(.unreadableBody)
      }
      if let refusal { return APIResponse(refusal) }
      guard let bytes = body.bytes else { return APIResponse(.tooLarge(limit: limit)) }
      let received = APIRequest(
        method: request.method.rawValue,
        target: request.target.rawValue,
        contentType: request.headers[.contentType] ?? "",
        authorization: authorization,
        body: bytes
      )
      try await log?.note(received)
      return await service.answer(received)
    } catch {
      logger.error("a request failed: \(error)")
      return APIResponse(.server("the request could not be handled: \(error)"))
    }
  }

  private static func bodyLimit(of request: HTTPRequest) -> Int {
    request.target.path().hasPrefix("/v1/files") ? 512 << 20 : 64 << 20
  }

  /// A body that was read to its end; its bytes are nil if they are more than the limit.
  private struct Body {
    let bytes: [UInt8]?
  }

  private static func body(of request: HTTPRequest, limit: Int) async throws -> Body {
    var body: [UInt8] = []
    var size = 0
    if let count = request.bodySequence.count, count <= limit { body.reserveCapacity(count) }
    for try await chunk in request.bodySequence {
      size += chunk.count
      if size <= limit { body.append(contentsOf: chunk) }
    }
    return Body(bytes: size <= limit ? body : nil)
  }

  private static func phrase(of status: Int) -> String {
    let known: [HTTPStatusCode] = [
      .ok, .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .conflict,
      .payloadTooLarge,
      .internalServerError, .serviceUnavailable,
    ]
    return known.first { $0.code == status }?.phrase ?? "Status"
  }
}
