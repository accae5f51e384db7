import Primitives

extension Fault {
  /// The answer of a service that refuses; nil for faults that are no refusals.
  func refusal(_ request: Request) -> Reply? {
    switch name {
    case .status: scriptedStatus(request)
    case .rateLimit, .rateLimitDate, .rateLimitLong, .rateLimitBare, .rateLimitGarbage,
      .rateLimitMilliseconds:
      rateLimited(request)
    case .quota:
      refuse(
        request,
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details."
      )
    case .serverError:
      refuse(request, 500, "server_error", nil, "The server had an error while processing it.")
    case .overloaded: overloaded(request)
    case .unauthorized:
      refuse(
        request,
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided."
      )
    case .forbidden:
      refuse(
        request,
        403,
        "invalid_request_error",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported."
      )
    case .notFound:
      refuse(
        request,
        404,
        "invalid_request_error",
        "model_not_found",
        "The model does not exist or you do not have access to it."
      )
    case .tooLarge:
      refuse(
        request,
        413,
        "invalid_request_error",
        "request_too_large",
        "Request entity too large."
      )
    case .unprocessable: echo(request)
    case .redirect: redirect()
    case .badGateway: Self.page(502, "Bad Gateway")
    case .gatewayTimeout: Self.page(504, "Gateway Time-out")
    default: nil
    }
  }

  private func refuse(
    _ request: Request,
    _ status: Int,
    _ type: String,
    _ code: String?,
    _ message: String
  ) -> Reply {
    ServiceError(status: status, message: message, type: type, code: code)
      .reply(request.route.dialect)
  }

  private func scriptedStatus(_ request: Request) -> Reply {
    let status = int("status") ?? 500
    var reply = refuse(
      request,
      status,
      text("type") ?? "server_error",
      text("code"),
      text("message") ?? "The script of faults says \(status)."
    )
    if let body = parameters["body"] {
      let bytes = Array((body.string ?? body.compactText).utf8)
      reply = Reply(status, bytes: bytes, type: "application/json")
    }
    for (header, value) in parameters["headers"]?.object?.members ?? [] {
      reply.setHeader(header, value.string ?? value.compactText)
    }
    return reply
  }

  private func rateLimited(_ request: Request) -> Reply {
    var reply = refuse(
      request,
      429,
      "requests",
      "rate_limit_exceeded",
      "Rate limit reached for requests."
    )
    let after: String? =
      switch name {
      case .rateLimit: parameters["retry-after"].map { $0.string ?? $0.compactText } ?? "1"
      case .rateLimitDate: HTTPDate.text(secondsAhead: int("seconds") ?? 2)
      case .rateLimitLong: "10800"
      case .rateLimitGarbage: "soon"
      default: nil
      }
    if let after { reply.setHeader("Retry-After", after) }
    if name == .rateLimitMilliseconds {
      reply.setHeader("retry-after-ms", String(int("ms") ?? 50))
    }
    return reply
  }

  private func overloaded(_ request: Request) -> Reply {
    var reply = refuse(
      request,
      503,
      "server_error",
      nil,
      "That model is currently overloaded with other requests."
    )
    reply.setHeader("Retry-After", "1")
    return reply
  }

  /// What some frameworks do with a request that they cannot read: send all of it back.
  private func echo(_ request: Request) -> Reply {
    let headers = request.head.headers.map { (key: $0.name, value: JSON.string($0.value)) }
    return Reply(
      422,
      json: [
        "detail": [
          [
            "type": "value_error", "loc": ["body"], "msg": "value is not valid",
            "input": .string(String(decoding: request.body, as: UTF8.self)),
            "headers": .object(JSONObject(headers)),
          ]
        ]
      ]
    )
  }

  private func redirect() -> Reply {
    var reply = Self.page(int("status") ?? 307, "Redirect")
    reply.setHeader("Location", text("location") ?? "/v1/elsewhere")
    return reply
  }

  private static func page(_ status: Int, _ title: String) -> Reply {
    let text = """
      <html>\r
      <head><title>\(status) \(title)</title></head>\r
      <body><center><h1>\(status) \(title)</h1></center><hr><center>toll</center></body>\r
      </html>\r

      """
    return Reply(status, bytes: Array(text.utf8), type: "text/html")
  }
}
