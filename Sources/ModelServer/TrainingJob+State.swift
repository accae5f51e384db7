import Primitives

/// A job as it is kept over a restart: one JSON object, read as strictly as it is written.
extension TrainingJob {
  var state: JSON {
    [
      "created_at": .integer(createdAt),
      "error": error.map(Self.state) ?? .null,
      "events": .array(events.map(\.state)),
      "fine_tuned_model": JSON(fineTunedModel),
      "finished_at": finishedAt.map(JSON.integer) ?? .null,
      "id": .string(id),
      "last_step": lastStep.map(Self.state) ?? .null,
      "request": .string(String(decoding: request.body, as: UTF8.self)),
      "result_file": JSON(resultFile),
      "status": .string(status.rawValue),
      "trained_tokens": trainedTokens.map { JSON($0) } ?? .null,
    ]
  }

  /// Reads what `state` wrote; nil for anything else.
  init?(state: JSON) {
    guard let id = state["id"]?.string, let createdAt = state["created_at"]?.integer,
      let status = state["status"]?.string.flatMap(Status.init(rawValue:)),
      let body = state["request"]?.string,
      let request = try? JobRequest(body: Array(body.utf8)),
      let entries = state["events"]?.array
    else { return nil }
    let events = entries.compactMap(Event.init(state:))
    guard events.count == entries.count else { return nil }
    self.init(
      id: id,
      createdAt: createdAt,
      request: request,
      status: status,
      finishedAt: state["finished_at"]?.integer,
      error: state["error"].flatMap(Self.error),
      fineTunedModel: state["fine_tuned_model"]?.string,
      trainedTokens: state["trained_tokens"]?.int,
      resultFile: state["result_file"]?.string,
      lastStep: state["last_step"].flatMap(Self.step),
      events: events
    )
  }

  private static func state(_ error: APIError) -> JSON {
    [
      "code": JSON(error.code), "message": .string(error.message), "param": JSON(error.param),
      "status": JSON(error.status), "type": .string(error.type),
    ]
  }

  private static func error(_ state: JSON) -> APIError? {
    guard let status = state["status"]?.int, let message = state["message"]?.string,
      let type = state["type"]?.string
    else { return nil }
    return APIError(
      status: status,
      message,
      type: type,
      param: state["param"]?.string,
      code: state["code"]?.string
    )
  }

  private static func state(_ step: Step) -> JSON {
    [
      "step": JSON(step.number), "train_loss": .number(step.trainingLoss),
      "valid_loss": step.validationLoss.map(JSON.number) ?? .null,
    ]
  }

  private static func step(_ state: JSON) -> Step? {
    guard let number = state["step"]?.int, let loss = state["train_loss"]?.number else {
      return nil
    }
    return Step(number: number, trainingLoss: loss, validationLoss: state["valid_loss"]?.number)
  }
}

extension TrainingJob.Event {
  fileprivate var state: JSON {
    [
      "created_at": .integer(createdAt), "data": metrics ?? .null, "id": .string(id),
      "level": .string(level), "message": .string(message),
    ]
  }

  fileprivate init?(state: JSON) {
    guard let id = state["id"]?.string, let createdAt = state["created_at"]?.integer,
      let level = state["level"]?.string, let message = state["message"]?.string
    else { return nil }
    // A bare `nil` would be taken for the JSON value, and a message for a measurement.
    var metrics = state["data"]
    if metrics?.isNull == true { metrics = Optional<JSON>.none }
    self.init(id: id, createdAt: createdAt, level: level, message: message, metrics: metrics)
  }
}
