package import Diagnostics
package import Transfer

/// A model and how to reach it.
package struct ModelEndpoint: Sendable {
  package let address: ServiceAddress
  /// The name that requests carry.
  package let model: String
  package let identity: ModelIdentity
  package let apiKey: APIKeySource?
  package let limits: CallLimits
  package let dialect: Dialect
  package let transfer: TransferLimits

  /// - Throws: `Problem` without a position if a key would travel readable to another machine.
  package init(
    address: ServiceAddress,
    model: String,
    identity: ModelIdentity,
    apiKey: APIKeySource? = nil,
    limits: CallLimits = CallLimits(),
    dialect: Dialect? = nil,
    transfer: TransferLimits = TransferLimits()
  ) throws(Problem) {
    if apiKey != nil, address.isPlain, !address.isLocal {
      throw Problem(
        "\(address.name) would get the API key over plain http, readable on the way",
        at: nil,
        hint: "use https, or leave api_key out"
      )
    }
    self.address = address
    self.model = model
    self.identity = identity
    self.apiKey = apiKey
    self.limits = limits
    self.dialect = dialect ?? .usual(for: address)
    self.transfer = transfer
  }

  /// As the other initializer, with a limit in time for each request.
  package init(
    address: ServiceAddress,
    model: String,
    identity: ModelIdentity,
    apiKey: APIKeySource? = nil,
    limits: CallLimits = CallLimits(),
    timeout: Duration
  ) throws(Problem) {
    try self.init(
      address: address,
      model: model,
      identity: identity,
      apiKey: apiKey,
      limits: limits,
      transfer: TransferLimits(total: timeout)
    )
  }

  /// How messages name the endpoint.
  package var name: String { "model '\(model)' at \(address.name)" }
}

/// Where the services that speak the API differ.
package struct Dialect: Hashable, Sendable {
  package enum TokenLimitField: String, Hashable, Sendable {
    /// What compatible servers expect.
    case maxTokens = "max_tokens"
    /// What OpenAI itself expects; its newer models refuse the other.
    case maxCompletionTokens = "max_completion_tokens"
  }

  package var tokenLimitField: TokenLimitField
  /// Whether requests carry `seed`; some services refuse members that they do not know.
  package var sendsSeed: Bool

  package init(tokenLimitField: TokenLimitField = .maxTokens, sendsSeed: Bool = true) {
    self.tokenLimitField = tokenLimitField
    self.sendsSeed = sendsSeed
  }

  package static func usual(for address: ServiceAddress) -> Dialect {
    let isOpenAI = address.baseURL.hasPrefix("https://api.openai.com/")
    return Dialect(tokenLimitField: isOpenAI ? .maxCompletionTokens : .maxTokens)
  }
}
