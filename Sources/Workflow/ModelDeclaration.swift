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
    package var provider: Provider
    package var apiKey: APIKeySource?
    /// The version of the protocol, 1 or 2.
    package var http: Int
    /// How models tuned here are made to answer; only on Azure OpenAI.
    package var deployment: Deployment?
  }

  /// The dialect that an endpoint speaks.
  package enum Provider: Hashable, Sendable {
    case openAI
    /// Each request names the version of the API.
    case azureOpenAI(apiVersion: String)
  }

  /// Where and how a tuned model is deployed, through the management plane of Azure.
  package struct Deployment: Hashable, Sendable {
    package var subscription: String
    package var resourceGroup: String
    package var account: String
    /// Of the deployment; nil leaves it to the tool.
    package var name: String?
    package var sku: String
    /// Thousands of tokens a minute, as Azure counts it.
    package var capacity: Int
    /// USD an hour from its creation to its deletion; nil is unknown, not zero.
    package var hourly: Double?
    /// For the management plane; another one than the key of the endpoint.
    package var token: APIKeySource
    /// The management plane where it is another one than that of the public cloud.
    package var management: String?

    package init(
      subscription: String,
      resourceGroup: String,
      account: String,
      name: String?,
      sku: String,
      capacity: Int,
      hourly: Double?,
      token: APIKeySource,
      management: String? = nil
    ) {
      self.subscription = subscription
      self.resourceGroup = resourceGroup
      self.account = account
      self.name = name
      self.sku = sku
      self.capacity = capacity
      self.hourly = hourly
      self.token = token
      self.management = management
    }
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
    /// What a call costs by the batch API, as a share of its price online.
    package var batch: Double
    /// When the prices were looked up, `2026-11-21`.
    package var asOf: String?
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
