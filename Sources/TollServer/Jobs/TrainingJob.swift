import Primitives

/// A fine-tuning job: what was asked for, and how often it was looked at.
///
/// Its status follows from these and its script, so that a server that was killed goes on where it
/// was.
struct TrainingJob: ShelfItem {
  let id: String
  let sequence: Int
  /// Milliseconds since 1970.
  let createdAt: Int64
  let isAzure: Bool
  /// The body of the request.
  let body: JSONObject
  /// Tokens of the training file, once.
  let fileTokens: Int
  /// Why the training file is not taken, if it is not.
  let complaint: String?
  var looks = 0
  var isCancelled = false

  init(
    sequence: Int,
    isAzure: Bool,
    body: JSONObject,
    fileTokens: Int,
    complaint: String?
  ) {
    id = Identifier.make("ftjob-")
    self.sequence = sequence
    createdAt = Clock.milliseconds
    self.isAzure = isAzure
    self.body = body
    self.fileTokens = fileTokens
    self.complaint = complaint
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let sequence = json["sequence"]?.int,
      let createdAt = json["created"]?.integer, let body = json["body"]?.object,
      let fileTokens = json["file_tokens"]?.int
    else { return nil }
    self.id = id
    self.sequence = sequence
    self.createdAt = createdAt
    self.body = body
    self.fileTokens = fileTokens
    isAzure = json["azure"]?.bool ?? false
    complaint = json["complaint"]?.string
    looks = json["looks"]?.int ?? 0
    isCancelled = json["cancelled"]?.bool ?? false
  }

  var json: JSON {
    [
      "id": .string(id), "sequence": JSON(sequence), "created": .integer(createdAt),
      "azure": .bool(isAzure), "body": .object(body), "file_tokens": JSON(fileTokens),
      "complaint": JSON(complaint), "looks": JSON(looks), "cancelled": .bool(isCancelled),
    ]
  }

  var model: String { body["model"]?.string ?? "" }

  private var hyperparameters: JSON {
    body["method"]?["supervised"]?["hyperparameters"] ?? body["hyperparameters"] ?? [:]
  }

  var epochs: Int { hyperparameters["n_epochs"]?.int ?? 3 }
  var trainedTokens: Int { fileTokens * epochs }
  /// The file of its loss curve, once it has succeeded.
  var resultFileID: String { "file-results-\(id)" }

  /// Whether a model's name is one that a job gave.
  static func isTuned(_ model: String) -> Bool {
    model.hasPrefix("ft:") || model.contains(".ft-")
  }

  /// The name of the new model, in either service's form.
  var tunedModel: String {
    let suffix = body["suffix"]?.string ?? ""
    return isAzure
      ? "\(model).ft-\(id.dropFirst(6))\(suffix.isEmpty ? "" : "-\(suffix)")"
      : "ft:\(model):toll:\(suffix):\(id.dropFirst(6))"
  }
}

// MARK: - As the API shows it

extension TrainingJob {
  /// Source of the shape: openai-python `types/fine_tuning/fine_tuning_job.py`.
  func shown(_ step: StatusScript.Step) -> JSON {
    let hasSucceeded = step.status == "succeeded"
    let isOver = ["succeeded", "failed", "cancelled"].contains(step.status)
    var members = JSONObject([
      ("id", .string(id)), ("object", "fine_tuning.job"),
      ("created_at", .integer(createdAt / 1_000)),
      ("finished_at", isOver ? .integer(Clock.seconds) : .null),
      ("model", .string(model)), ("status", .string(step.status)),
      ("fine_tuned_model", hasSucceeded ? .string(tunedModel) : .null),
      ("training_file", body["training_file"] ?? .null),
      ("validation_file", body["validation_file"] ?? .null),
      ("hyperparameters", hyperparameters), ("seed", body["seed"] ?? 0),
      ("metadata", body["metadata"] ?? .null), ("organization_id", "org-toll"),
      ("trained_tokens", hasSucceeded ? JSON(trainedTokens) : .null),
      ("result_files", .array(hasSucceeded ? [.string(resultFileID)] : [])),
      ("error", step.status == "failed" ? error : .null),
    ])
    members["method"] = body["method"]
    for (key, value) in step.members.members { members[key] = value }
    return .object(members)
  }

  private var error: JSON {
    [
      "code": "invalid_training_file", "param": "training_file",
      "message": .string(complaint ?? "The job failed as its script says."),
    ]
  }
}
