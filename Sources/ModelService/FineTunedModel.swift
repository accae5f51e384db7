package import Primitives

/// What a fine-tuning job yielded.
package struct FineTunedModel: Equatable, Sendable {
  /// A file that the service made of a job, such as `step_metrics.csv`.
  package struct ResultFile: Equatable, Sendable {
    /// The service's id of it.
    package let id: String
    package let name: String
    /// As the service serves them.
    package let bytes: [UInt8]

    package init(id: String, name: String, bytes: [UInt8]) {
      self.id = id
      self.name = name
      self.bytes = bytes
    }
  }

  /// The name to ask for (`fine_tuned_model`).
  package let name: String
  package let jobID: String
  /// Nil is unknown.
  package let trainedTokens: Int?
  /// What the service reported while training, in order, in its own form: of the job's events, else
  /// the rows of its result file.
  package var metrics: [JSON]
  /// What the tokens cost; nil is unknown.
  package var cost: Money?
  package var resultFiles: [ResultFile] = []
  /// The models that the job kept on its way, in the service's form.
  package var checkpoints: [JSON] = []

  package init(
    name: String,
    jobID: String,
    trainedTokens: Int?,
    metrics: [JSON],
    cost: Money? = nil
  ) {
    self.name = name
    self.jobID = jobID
    self.trainedTokens = trainedTokens
    self.metrics = metrics
    self.cost = cost
  }
}

extension FineTunedModel {
  /// Result files up to this many bytes lie in the ledger as texts.
  static let keptFileBytes = 1 << 20

  /// The form that the ledger keeps.
  package var json: JSON {
    var members = JSONObject([
      ("model", .string(name)), ("job", .string(jobID)), ("metrics", .array(metrics)),
    ])
    members["trained_tokens"] = trainedTokens.map { JSON($0) }
    members["cost_nanos"] = cost.map { .integer($0.nanos) }
    members["checkpoints"] = checkpoints.isEmpty ? nil : .array(checkpoints)
    members["result_files"] = resultFiles.isEmpty ? nil : .array(resultFiles.map(\.json))
    return .object(members)
  }

  /// Reads what `json` writes; nil for anything else.
  package init?(json: JSON) {
    guard let name = json["model"]?.string, let jobID = json["job"]?.string else { return nil }
    self.init(
      name: name,
      jobID: jobID,
      trainedTokens: json["trained_tokens"]?.int,
      metrics: json["metrics"]?.array ?? [],
      cost: json["cost_nanos"]?.integer.map(Money.init(nanos:))
    )
    checkpoints = json["checkpoints"]?.array ?? []
    resultFiles = (json["result_files"]?.array ?? []).compactMap { ResultFile(json: $0) }
  }
}

extension FineTunedModel.ResultFile {
  /// With the bytes if they are a text of moderate size, as the tables of services are.
  fileprivate var json: JSON {
    var members = JSONObject([("id", .string(id)), ("name", .string(name))])
    if bytes.count <= FineTunedModel.keptFileBytes,
      let text = String(validating: bytes, as: UTF8.self)
    {
      members["text"] = .string(text)
    }
    return .object(members)
  }

  fileprivate init?(json: JSON) {
    guard let id = json["id"]?.string, let name = json["name"]?.string,
      let text = json["text"]?.string
    else { return nil }
    self.init(id: id, name: name, bytes: Array(text.utf8))
  }
}
