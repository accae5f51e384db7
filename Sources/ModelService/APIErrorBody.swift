import Primitives

/// The API's form of an error, as far as a server keeps to it.
struct APIErrorBody {
  /// As the server has it: to be redacted, then shown by `ForeignText`.
  let text: String
  let type: String?
  let code: String?
  /// Whether the body is JSON at all, and so from the service and not from something before it.
  let isJSON: Bool

  /// Reads any body; what is not the API's form counts as text.
  init(_ bytes: [UInt8]) {
    if let json = try? JSON(parsing: bytes), json.object != nil {
      self.init(json)
    } else {
      self.init(text: String(decoding: bytes, as: UTF8.self), isJSON: false)
    }
  }

  init(_ json: JSON) {
    let error = json["error"] ?? json
    let text =
      error.string ?? error["message"]?.string ?? json["message"]?.string
      ?? json["detail"]?.string ?? json.compactText
    self.init(
      text: text,
      type: error["type"]?.string,
      code: error["code"]?.string,
      isJSON: true
    )
  }

  private init(text: String, type: String? = nil, code: String? = nil, isJSON: Bool) {
    self.text = text
    self.type = type
    self.code = code
    self.isJSON = isJSON
  }

  /// Whether nobody is to be asked any more, since somebody has to pay or to raise a limit first
  /// (OpenAI's types and codes).
  var isAboutMoney: Bool {
    let words: Set = [
      "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
      "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_not_active",
    ]
    return words.contains(type ?? "") || words.contains(code ?? "")
  }

  /// Whether the service finds fault with the model or the key, and not with this one request.
  var isAboutEndpoint: Bool {
    ["model_not_found", "invalid_api_key", "DeploymentNotFound"].contains(code ?? "")
  }
}
