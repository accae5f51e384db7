package import Diagnostics
package import Primitives

/// What the ledger keeps of a job beside its state.
///
/// Enough to reach it later, from a process that knows no workflow. Never a key, only where one is
/// found.
package struct RemoteJobDetail: Equatable, Sendable {
  /// Where the job runs; nil for a job that an earlier version of the tool made.
  package var service: RemoteJobService?
  /// As the service said it last.
  package var status: String?
  /// When the service says that it made the job: seconds since 1970, or a text.
  package var createdAt: JSON?
  /// The ids of what was uploaded for it, by what it is for (`training`, `validation`, `input`).
  package var files: JSONObject
  /// Why it ended as it did, for people.
  package var message: String?
  /// What a fine-tuning job yielded.
  package var tuned: FineTunedModel?
  /// Whatever else a kind of job keeps.
  package var more: JSONObject

  package init(service: RemoteJobService? = nil) {
    self.service = service
    files = JSONObject()
    more = JSONObject()
  }

  package init(json: JSON) {
    self.init(service: json["service"].flatMap { RemoteJobService(json: $0) })
    status = json["status"]?.string
    createdAt = json["created_at"]
    files = json["files"]?.object ?? JSONObject()
    message = json["message"]?.string
    // Earlier versions kept the model itself as the detail.
    tuned = FineTunedModel(json: json["tuned"] ?? json)
    more = json["more"]?.object ?? JSONObject()
  }

  package var json: JSON {
    var members = JSONObject()
    members["service"] = service?.json
    members["status"] = status.map(JSON.string)
    members["created_at"] = createdAt
    members["files"] = files.isEmpty ? nil : .object(files)
    members["message"] = message.map(JSON.string)
    members["tuned"] = tuned?.json
    members["more"] = more.isEmpty ? nil : .object(more)
    return .object(members)
  }

  package static func == (left: RemoteJobDetail, right: RemoteJobDetail) -> Bool {
    left.json == right.json
  }

  /// Takes over what the service says of the job; whether anything changed.
  mutating func note(_ job: JSON) -> Bool {
    let before = self
    if let status = job["status"]?.string { self.status = ForeignText.shown(status, limit: 80) }
    if let created = job["created_at"], !created.isNull { createdAt = created }
    return self != before
  }
}

/// The service of a job, as far as it can be written down.
package struct RemoteJobService: Equatable, Sendable {
  /// Where its key is found.
  package enum Key: Equatable, Sendable {
    case environment(String)
    case file(String)
    /// The program alone: its arguments may hold a secret.
    case command(String)
  }

  package let baseURL: String
  package let unixSocket: String?
  package let dialect: String
  package let apiVersion: String?
  package let model: String
  package let key: Key?

  package init(_ endpoint: ModelEndpoint) {
    baseURL = endpoint.address.baseURL
    unixSocket = endpoint.address.unixSocket
    dialect = endpoint.dialect.name
    apiVersion = endpoint.dialect.apiVersion
    model = endpoint.model
    key = endpoint.apiKey.map { source in
      switch source {
      case .environment(let name): .environment(name)
      case .file(let path): .file(path)
      case .command(let words): .command(words.first ?? "")
      }
    }
  }

  init?(json: JSON) {
    guard let baseURL = json["base_url"]?.string, let model = json["model"]?.string else {
      return nil
    }
    self.baseURL = baseURL
    self.model = model
    unixSocket = json["unix_socket"]?.string
    dialect = json["dialect"]?.string ?? ""
    apiVersion = json["api_version"]?.string
    let key = json["key"]
    self.key =
      key?["env"]?.string.map(Key.environment) ?? key?["file"]?.string.map(Key.file)
      ?? key?["command"]?.string.map(Key.command)
  }

  var json: JSON {
    var members = JSONObject([
      ("base_url", .string(baseURL)), ("dialect", .string(dialect)), ("model", .string(model)),
    ])
    members["unix_socket"] = unixSocket.map(JSON.string)
    members["api_version"] = apiVersion.map(JSON.string)
    switch key {
    case .environment(let name): members["key"] = ["env": .string(name)]
    case .file(let path): members["key"] = ["file": .string(path)]
    case .command(let name): members["key"] = ["command": .string(name)]
    case nil: break
    }
    return .object(members)
  }

  /// The endpoint to ask about the job; `key` where the ledger does not know enough of it.
  ///
  /// - Throws: `Problem` for a command, whose arguments are not kept, without `key`.
  package func endpoint(
    key given: APIKeySource?,
    pricing: Pricing? = nil
  ) throws(Problem) -> ModelEndpoint {
    let address =
      if let unixSocket { ServiceAddress(unixSocket: unixSocket) } else {
        try ServiceAddress(baseURL: baseURL)
      }
    let key = if let given { given } else { try recordedKey() }
    return try ModelEndpoint(
      address: address,
      model: model,
      identity: .endpoint(address, model: model, revision: nil),
      apiKey: key,
      dialect: apiVersion.map { .azure(apiVersion: $0) },
      pricing: pricing
    )
  }

  private func recordedKey() throws(Problem) -> APIKeySource? {
    switch key {
    case .environment(let name): return .environment(name)
    case .file(let path): return .file(path)
    case .command(let name):
      throw Problem(
        "the job's API key comes from command '\(name)', whose arguments are not kept",
        at: nil,
        hint: "put the key into an environment variable and name that"
      )
    case nil: return nil
    }
  }
}
