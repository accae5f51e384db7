import Transfer

/// Where the services that speak the API differ.
package struct Dialect: Hashable, Sendable {
  package enum Provider: Hashable, Sendable {
    /// OpenAI and whatever is compatible with it.
    case openAI
    /// Azure OpenAI: models are deployments, named in the path, and each request names the version
    /// of the API (`2024-10-21`).
    case azure(apiVersion: String)
  }

  package enum TokenLimitField: String, Hashable, Sendable {
    /// What compatible servers expect, and Azure for models that do not reason.
    case maxTokens = "max_tokens"
    /// What OpenAI itself expects; its newer models refuse the other.
    case maxCompletionTokens = "max_completion_tokens"
  }

  package let provider: Provider
  package var tokenLimitField: TokenLimitField
  /// Whether requests carry `seed`; some services refuse members that they do not know.
  package var sendsSeed: Bool

  private init(_ provider: Provider, _ tokenLimitField: TokenLimitField, _ sendsSeed: Bool) {
    self.provider = provider
    self.tokenLimitField = tokenLimitField
    self.sendsSeed = sendsSeed
  }

  package static func openAI(
    tokenLimitField: TokenLimitField = .maxTokens,
    sendsSeed: Bool = true
  ) -> Dialect {
    Dialect(.openAI, tokenLimitField, sendsSeed)
  }

  package static func azure(
    apiVersion: String,
    tokenLimitField: TokenLimitField = .maxTokens,
    sendsSeed: Bool = true
  ) -> Dialect {
    Dialect(.azure(apiVersion: apiVersion), tokenLimitField, sendsSeed)
  }

  /// What an address expects of which nothing else is said.
  package static func usual(for address: ServiceAddress) -> Dialect {
    let isOpenAI = address.baseURL.hasPrefix("https://api.openai.com/")
    return .openAI(tokenLimitField: isOpenAI ? .maxCompletionTokens : .maxTokens)
  }

  /// As workflows and the ledger name it.
  package var name: String {
    switch provider {
    case .openAI: "openai"
    case .azure: "azure-openai"
    }
  }

  package var apiVersion: String? {
    guard case .azure(let apiVersion) = provider else { return nil }
    return apiVersion
  }
}

// MARK: - Requests

extension Dialect {
  /// Path and query, below a service's base URL, of a path of the API such as `/files?limit=2`.
  ///
  /// On Azure a model is asked below its deployment; files, jobs and batches belong to the resource
  /// (azure-ai-docs, `fine-tuning-rest.md`, `batch-rest.md`).
  func target(_ path: String, model: String) -> String {
    guard case .azure(let apiVersion) = provider else { return path }
    let deployment =
      path.hasPrefix("/chat/") ? "/deployments/\(PercentEncoding.segment(model))" : ""
    let version = "api-version=\(PercentEncoding.segment(apiVersion))"
    return "/openai\(deployment)\(path)\(path.contains("?") ? "&" : "?")\(version)"
  }

  /// The header that carries the key.
  func keyHeader(_ secret: Secret) -> HTTPHeader {
    switch provider {
    case .openAI: HTTPHeader("Authorization", "Bearer \(secret.exposed)")
    case .azure: HTTPHeader("api-key", secret.exposed)
    }
  }
}

/// The escapes of URLs (RFC 3986, section 2.1).
enum PercentEncoding {
  /// A text fit for one segment of a path, or one value of a query.
  static func segment(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { encoded, byte in
      let scalar = UnicodeScalar(byte)
      let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      if isLetter || ("0"..."9").contains(scalar) || "-._~".unicodeScalars.contains(scalar) {
        encoded.unicodeScalars.append(scalar)
      } else {
        encoded += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }
}
