package import Primitives

/// What is wrong with a request, as the OpenAI API words it.
///
/// Source: openai-python `_exceptions.py`: the client makes its exception from `status` and shows
/// `message`; `param` names the member of the request, `code` is for programs.
package struct APIError: Error, Hashable, Sendable {
  package let status: Int
  package let message: String
  package let type: String
  package let param: String?
  package let code: String?

  package init(
    status: Int,
    _ message: String,
    type: String = "invalid_request_error",
    param: String? = nil,
    code: String? = nil
  ) {
    self.status = status
    self.message = message
    self.type = type
    self.param = param
    self.code = code
  }

  package var json: JSON {
    [
      "error": [
        "message": .string(message), "type": .string(type), "param": JSON(param),
        "code": JSON(code),
      ]
    ]
  }
}

extension APIError {
  /// A member of the request that cannot be used.
  static func invalid(_ param: String, _ message: String, code: String? = nil) -> APIError {
    APIError(status: 400, message, param: param, code: code)
  }

  static func unsupported(_ param: String, _ message: String) -> APIError {
    invalid(param, message, code: "unsupported_parameter")
  }

  static func unknownModel(_ name: String, offered: [String]) -> APIError {
    let names = offered.map { "'\($0)'" }.joined(separator: ", ")
    return APIError(
      status: 404,
      "the model '\(name)' is not here; offered are \(names) and checkpoints of the store as "
        + "'sha256:<64 digits>'",
      param: "model",
      code: "model_not_found"
    )
  }

  static func notFound(_ what: String, _ id: String, param: String) -> APIError {
    APIError(status: 404, "no \(what) has the id '\(id)'", param: param, code: "not_found")
  }

  static func unknownAddress(_ method: String, _ path: String) -> APIError {
    APIError(
      status: 404,
      "'\(method) \(path)' is not offered; see chat/completions, models, files and "
        + "fine_tuning/jobs under /v1",
      code: "unknown_url"
    )
  }

  static let unreadableBody = APIError(
    status: 400,
    "the body ends early or its chunks are malformed",
    code: "invalid_body"
  )

  static func tooLarge(limit: Int) -> APIError {
    APIError(
      status: 413,
      "the body has more than the \(limit >> 20) MiB that this address takes",
      code: "request_too_large"
    )
  }

  /// Something failed here that the caller could not have avoided.
  static func server(_ message: String) -> APIError {
    APIError(status: 500, message, type: "server_error")
  }

  static let stopping = APIError(
    status: 503,
    "the server is stopping; send the request to another one",
    type: "server_error",
    code: "server_stopping"
  )
}
