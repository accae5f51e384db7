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
  /// What its tokens cost; nil is unknown, which is not zero.
  package let pricing: Pricing?
  package let transfer: TransferLimits

  /// - Throws: `Problem` without a position if a key would travel readable to another machine.
  package init(
    address: ServiceAddress,
    model: String,
    identity: ModelIdentity,
    apiKey: APIKeySource? = nil,
    limits: CallLimits = CallLimits(),
    dialect: Dialect? = nil,
    pricing: Pricing? = nil,
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
    self.pricing = address.unixSocket == nil ? pricing : .free
    self.transfer = transfer
  }

  /// As the other initializer, with a limit in time for each request.
  package init(
    address: ServiceAddress,
    model: String,
    identity: ModelIdentity,
    apiKey: APIKeySource? = nil,
    limits: CallLimits = CallLimits(),
    dialect: Dialect? = nil,
    pricing: Pricing? = nil,
    timeout: Duration
  ) throws(Problem) {
    try self.init(
      address: address,
      model: model,
      identity: identity,
      apiKey: apiKey,
      limits: limits,
      dialect: dialect,
      pricing: pricing,
      transfer: TransferLimits(total: timeout)
    )
  }

  /// Whether the tool itself serves the model: what answers at a socket is its own server, and nobody
  /// is paid.
  package var isFree: Bool { address.unixSocket != nil }

  /// The URL of a path of the API, such as `/chat/completions`.
  func url(_ path: String) -> String { address.url(dialect.target(path, model: model)) }

  /// How messages name the endpoint.
  package var name: String { "model '\(model)' at \(address.name)" }
}
