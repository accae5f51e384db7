import Primitives

/// A batch: what was asked for, and how often it was looked at, from which its status follows.
struct Batch: ShelfItem {
  let id: String
  let sequence: Int
  /// Milliseconds since 1970.
  let createdAt: Int64
  let isAzure: Bool
  let inputFile: String
  let endpoint: String
  let window: String
  let metadata: JSON
  /// Lines of the input file.
  let lineCount: Int
  /// What is wrong with the input file; null where it is taken.
  let errors: JSON
  var looks = 0
  /// Looks when it was cancelled; nil where it was not.
  var cancelledAt: Int?
  /// The step that it had reached when it was cancelled.
  var stepAtCancel = 0

  init(
    sequence: Int,
    isAzure: Bool,
    body: JSONObject,
    metadata: JSON,
    lineCount: Int,
    errors: JSON
  ) {
    id = Identifier.make("batch_")
    self.sequence = sequence
    createdAt = Clock.milliseconds
    self.isAzure = isAzure
    inputFile = body["input_file_id"]?.string ?? ""
    endpoint = body["endpoint"]?.string ?? ""
    window = body["completion_window"]?.string ?? "24h"
    self.metadata = metadata
    self.lineCount = lineCount
    self.errors = errors
  }

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let sequence = json["sequence"]?.int,
      let createdAt = json["created"]?.integer, let inputFile = json["input"]?.string,
      let endpoint = json["endpoint"]?.string, let window = json["window"]?.string,
      let lineCount = json["lines"]?.int
    else { return nil }
    self.id = id
    self.sequence = sequence
    self.createdAt = createdAt
    self.inputFile = inputFile
    self.endpoint = endpoint
    self.window = window
    self.lineCount = lineCount
    isAzure = json["azure"]?.bool ?? false
    metadata = json["metadata"] ?? .null
    errors = json["errors"] ?? .null
    looks = json["looks"]?.int ?? 0
    cancelledAt = json["cancelled_at"]?.int
    stepAtCancel = json["step_at_cancel"]?.int ?? 0
  }

  var json: JSON {
    [
      "id": .string(id), "sequence": JSON(sequence), "created": .integer(createdAt),
      "azure": .bool(isAzure), "input": .string(inputFile), "endpoint": .string(endpoint),
      "window": .string(window), "metadata": metadata, "lines": JSON(lineCount), "errors": errors,
      "looks": JSON(looks), "cancelled_at": cancelledAt.map { JSON($0) } ?? .null,
      "step_at_cancel": JSON(stepAtCancel),
    ]
  }

  var outputFileID: String { "file-output-\(id)" }
  var errorFileID: String { "file-error-\(id)" }
}

// MARK: - As the API shows it

extension Batch {
  static let finalStatuses = ["completed", "failed", "expired", "cancelled"]

  /// Source of the shape: openai-python `types/batch.py`.
  func shown(_ step: StatusScript.Step, _ work: BatchWork?, hasErrors: Bool) -> JSON {
    let isOver = Self.finalStatuses.contains(step.status)
    let now = JSON.integer(Clock.seconds)
    var members = JSONObject([
      ("id", .string(id)), ("object", "batch"), ("endpoint", .string(endpoint)),
      ("errors", step.status == "failed" ? errors : .null),
      ("input_file_id", .string(inputFile)), ("completion_window", .string(window)),
      ("status", .string(step.status)),
      ("output_file_id", isOver && work != nil ? .string(outputFileID) : .null),
      ("error_file_id", isOver && hasErrors ? .string(errorFileID) : .null),
      ("created_at", .integer(createdAt / 1_000)),
      ("expires_at", .integer(createdAt / 1_000 + 86_400)),
      (
        "request_counts",
        [
          "total": JSON(lineCount), "completed": JSON(work?.answeredCount ?? 0),
          "failed": JSON(work?.refusedCount ?? 0),
        ]
      ),
      ("metadata", metadata),
    ])
    if isOver { members["\(step.status)_at"] = now }
    for (key, value) in step.members.members { members[key] = value }
    return .object(members)
  }
}
