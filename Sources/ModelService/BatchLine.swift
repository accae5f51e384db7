import Primitives
import Transfer

/// A line of a batch's output or error file.
struct BatchLine {
  enum Content {
    /// What the service answered to the request of the line.
    case response(HTTPResponse)
    /// The service did not work on the request (`batch_expired`, `batch_cancelled`, …).
    case withheld(String)
  }

  /// The `custom_id`, as it stands there.
  let id: String
  let content: Content

  /// Reads a line; nil for what has no `custom_id`, or neither answer nor error.
  init?(_ line: [UInt8]) {
    guard let json = try? JSON(parsing: line), let id = json["custom_id"]?.string else {
      return nil
    }
    self.id = id
    if let response = json["response"], let status = response["status_code"]?.int {
      let body = Array((response["body"] ?? .null).compactText.utf8)
      content = .response(HTTPResponse(status: status, headers: HeaderBlock(), body: body))
    } else if let error = json["error"], !error.isNull {
      let code = error["code"]?.string ?? "error"
      let message = error["message"]?.string ?? "the service gives no reason"
      content = .withheld(ForeignText.shown("\(code): \(message)"))
    } else {
      return nil
    }
  }

  /// The line that asks for a call.
  static func request(
    _ call: ModelCall,
    from endpoint: ModelEndpoint
  ) -> [UInt8] {
    let body = call.wireBody(model: endpoint.model, dialect: endpoint.dialect)
    // The key is hexadecimal and the path has no character to escape.
    let head =
      #"{"custom_id":"\#(call.key.hex)","method":"POST","url":"\#(endpoint.dialect.batchPath)","body":"#
    return Array(head.utf8) + body + [UInt8(ascii: "}"), UInt8(ascii: "\n")]
  }
}
