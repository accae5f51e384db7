import Primitives

extension TrainingJob {
  /// What happened up to a step, oldest first.
  ///
  /// Source of the shape: openai-python `types/fine_tuning/fine_tuning_job_event.py`.
  func events(_ passed: some Collection<StatusScript.Step>) -> [JSON] {
    var events = [event(0, "Created fine-tuning job: \(id)")]
    for step in passed where step.failure == nil {
      if step.status == "succeeded" {
        for point in lossCurve { events.append(event(events.count, point)) }
      }
      events.append(event(events.count, "The job's status is \(step.status)"))
    }
    return events
  }

  private func event(_ index: Int, _ message: String) -> JSON {
    [
      "id": .string("ftevent-\(id.dropFirst(6))-\(index)"), "object": "fine_tuning.job.event",
      "created_at": .integer(createdAt / 1_000 + Int64(index)), "level": "info",
      "message": .string(message), "type": "message", "data": [:],
    ]
  }

  private func event(_ index: Int, _ point: LossPoint) -> JSON {
    [
      "id": .string("ftevent-\(id.dropFirst(6))-\(index)"), "object": "fine_tuning.job.event",
      "created_at": .integer(createdAt / 1_000 + Int64(index)), "level": "info",
      "message": .string("Step \(point.step)/\(lossCurve.count): training loss=\(point.training)"),
      "type": "metrics",
      "data": [
        "step": JSON(point.step), "train_loss": .number(point.training),
        "valid_loss": .number(point.validation), "total_steps": JSON(lossCurve.count),
      ],
    ]
  }

  /// One checkpoint behind each epoch, newest first.
  ///
  /// Source of the shape: openai-python `types/fine_tuning/jobs/fine_tuning_job_checkpoint.py`.
  var checkpoints: [JSON] {
    (1...max(epochs, 1)).reversed().map { epoch in
      let step = epoch * LossPoint.stepsPerEpoch
      let point = LossPoint(step: step)
      return [
        "id": .string("ftckpt-\(id.dropFirst(6))-\(epoch)"),
        "object": "fine_tuning.job.checkpoint", "created_at": .integer(createdAt / 1_000),
        "fine_tuning_job_id": .string(id), "step_number": JSON(step),
        "fine_tuned_model_checkpoint": .string("\(tunedModel):ckpt-step-\(step)"),
        "metrics": [
          "step": .number(Double(step)), "train_loss": .number(point.training),
          "full_valid_loss": .number(point.validation),
        ],
      ]
    }
  }

  private var lossCurve: [LossPoint] {
    (1...max(epochs, 1) * LossPoint.stepsPerEpoch).map { LossPoint(step: $0) }
  }

  /// The file of results, with the columns that OpenAI's have.
  var resultCSV: String {
    let lines = lossCurve.map { point in
      "\(point.step),\(point.training),\(point.accuracy),\(point.validation),\(point.accuracy)\n"
    }
    return "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n" + lines.joined()
  }
}
