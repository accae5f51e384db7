import Primitives

/// A refusal with a reason, in the words of either dialect.
struct ServiceError: Error, Sendable {
  var status: Int
  var message: String
  var type = "invalid_request_error"
  var param: String?
  var code: String?

  /// Source of the forms: OpenAI's error object, openai-python `_exceptions.py`; Azure's, from its
  /// REST reference, has a code that is the status where nothing closer is known.
  func reply(_ dialect: Route.Dialect) -> Reply {
    switch dialect {
    case .openAI:
      Reply(
        status,
        json: [
          "error": [
            "message": .string(message), "type": .string(type), "param": JSON(param),
            "code": JSON(code),
          ]
        ]
      )
    case .azure:
      Reply(
        status,
        json: ["error": ["code": .string(code ?? String(status)), "message": .string(message)]]
      )
    }
  }
}

extension ServiceError {
  static func invalid(_ param: String?, _ message: String) -> ServiceError {
    ServiceError(status: 400, message: message, param: param)
  }

  static func notFound(_ what: String, _ id: String) -> ServiceError {
    ServiceError(status: 404, message: "No such \(what): '\(id)'.", param: "id")
  }
}
