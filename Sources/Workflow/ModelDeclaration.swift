package import Diagnostics

/// An entry of the `models:` section.
package struct ModelDeclaration: Sendable {
  package enum Source: Sendable {
    /// A checkpoint that is shipped with the tool or lies in a folder; served by the tool itself.
    case embedded(EmbeddedCheckpoint)
    /// An OpenAI-compatible endpoint.
    case endpoint(Endpoint)
  }

  package enum EmbeddedCheckpoint: Hashable, Sendable {
    case shipped(String)
    /// Absolute path of a folder in Hugging Face layout.
    case folder(String)
  }

  package struct Endpoint: Sendable {
    package var baseURL: String
    package var model: String
    package var revision: String?
    /// Declares several endpoints to be one model.
    package var identity: String?
    package var provider: String
    package var apiKey: APIKeySource?
  }

  /// Where an API key is to be had; never the key.
  package enum APIKeySource: Hashable, Sendable {
    case environment(String)
    case file(String)
    case command([String])
  }

  package struct Limits: Hashable, Sendable {
    package var concurrency: Int?
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?
    package var timeout: Double?
  }

  /// USD per million tokens; nil where not stated, which is unknown and not zero.
  package struct Price: Hashable, Sendable {
    package var input: Double?
    package var output: Double?
    package var training: Double?
  }

  package let name: String
  package let source: Source
  package let limits: Limits
  package let price: Price?
  package let location: Location

  package init(
    name: String,
    source: Source,
    limits: Limits,
    price: Price?,
    location: Location
  ) {
    self.name = name
    self.source = source
    self.limits = limits
    self.price = price
    self.location = location
  }
}
