import Primitives
import Synchronization

extension TollService {
  /// `POST /batches`, `GET /batches[/id]`, `POST /batches/id/cancel`.
  func batches(_ request: Request, _ entry: inout LedgerEntry) throws(ServiceError) -> Reply {
    let steps = Array(request.route.steps.dropFirst())
    if let id = steps.first { entry.object = id }
    switch (request.head.method, steps.count) {
    case ("POST", 0): return try createBatch(request, &entry)
    case ("GET", 0): return try listBatches(request)
    case ("GET", 1): return try lookAtBatch(steps[0])
    case ("POST", 2) where steps[1] == "cancel": return try cancelBatch(steps[0])
    default: throw Self.noOperation(request)
    }
  }

  private func createBatch(
    _ request: Request,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    let body = try request.json()
    guard let file = body["input_file_id"]?.string else {
      throw .invalid("input_file_id", "you must provide an input_file_id parameter")
    }
    guard let endpoint = body["endpoint"]?.string,
      ["/v1/chat/completions", "/chat/completions"].contains(endpoint)
    else { throw .invalid("endpoint", "'endpoint' is missing or not one that is offered") }
    guard body["completion_window"]?.string == "24h" else {
      throw .invalid("completion_window", "'completion_window' is not '24h'")
    }
    let metadata = try Metadata.read(body)
    let isAzure = request.route.dialect == .azure
    let input = BatchInput(try cabinet.content(file), isAzure: isAzure)
    let batch = try batchShelf.add { sequence in
      Batch(
        sequence: sequence,
        isAzure: isAzure,
        body: body,
        metadata: metadata,
        lineCount: input.lines.count,
        errors: input.errors
      )
    }
    entry.object = batch.id
    return Reply(
      isAzure ? 201 : 200,
      json: batch.shown(script(of: batch).steps[0], nil, hasErrors: false)
    )
  }

  private func listBatches(_ request: Request) throws(ServiceError) -> Reply {
    var shown: [JSON] = []
    for batch in batchShelf.all.reversed() { shown.append(try self.shown(batch)) }
    return Reply(json: try Page(request.head, limit: 20).json(shown))
  }

  private func lookAtBatch(_ id: String) throws(ServiceError) -> Reply {
    guard let batch = try batchShelf.update(id, { $0.looks += 1 }) else {
      throw .notFound("batch", id)
    }
    if let status = script(of: batch).steps[index(of: batch)].failure {
      throw ServiceError(status: status, message: "Could not find or reach batch '\(id)'.")
    }
    return Reply(json: try shown(batch))
  }

  private func cancelBatch(_ id: String) throws(ServiceError) -> Reply {
    guard let batch = batchShelf.find(id) else { throw .notFound("batch", id) }
    let index = index(of: batch)
    let status = script(of: batch).steps[index].status
    guard !Batch.finalStatuses.contains(status) else {
      throw ServiceError(
        status: 409,
        message: "Cannot cancel a batch with status '\(status)'.",
        param: "batch_id"
      )
    }
    let cancelled = try batchShelf.update(id) { batch in
      guard batch.cancelledAt == nil else { return }
      batch.stepAtCancel = index
      batch.cancelledAt = batch.looks
    }
    return Reply(json: try shown(cancelled ?? batch))
  }
}

// MARK: - Progress

extension TollService {
  /// Cancelling takes until the next look.
  private static let cancelling = StatusScript(["cancelling", "cancelled"])

  private func script(of batch: Batch) -> StatusScript {
    if !batch.errors.isNull { return StatusScript(["validating", "failed"]) }
    if batch.cancelledAt != nil { return Self.cancelling }
    return options.batchScripts.script(for: batch.sequence)
  }

  private func index(of batch: Batch) -> Int {
    if let start = batch.cancelledAt { return min(batch.looks - start, 1) }
    return script(of: batch).index(
      looks: batch.looks,
      sinceMilliseconds: batch.createdAt,
      delay: options.batchDelay
    )
  }

  /// The batch as it is now; its work up to here is charged, and at its end its files are there.
  private func shown(_ batch: Batch) throws(ServiceError) -> JSON {
    let step = script(of: batch).steps[index(of: batch)]
    guard let work = try work(of: batch, step.status) else {
      return batch.shown(step, nil, hasErrors: false)
    }
    charge(work, of: batch)
    let errors = work.errors(endedBy: step.status)
    if Batch.finalStatuses.contains(step.status) {
      try keep(work.output, as: batch.outputFileID, "batch_output.jsonl")
      if !errors.isEmpty { try keep(errors, as: batch.errorFileID, "batch_errors.jsonl") }
    }
    return batch.shown(step, work, hasErrors: !errors.isEmpty)
  }

  /// Nil while nothing was worked on.
  private func work(of batch: Batch, _ status: String) throws(ServiceError) -> BatchWork? {
    guard let share = doneShare(of: batch, status) else { return nil }
    let input = BatchInput(try cabinet.content(batch.inputFile), isAzure: batch.isAzure)
    let done = (Double(input.lines.count) * share).rounded(.down)
    return BatchWork(
      batch,
      input.lines,
      doneCount: Int(done),
      settings: options.batchScripts.script(for: batch.sequence).settings["rows"]
    )
  }

  /// How much of a batch is done: half while it is in progress, all behind that, and what the
  /// script's `done` says where it expires.
  private func doneShare(of batch: Batch, _ status: String) -> Double? {
    let script = options.batchScripts.script(for: batch.sequence)
    let part = script.settings["done"]?.number.map { min(max($0, 0), 1) }
    switch status {
    case "validating", "failed": return nil
    case "in_progress": return min(0.5, part ?? 1)
    case "cancelling", "cancelled":
      guard batch.cancelledAt != nil else { return part ?? 0.5 }
      let reached = script.steps[min(batch.stepAtCancel, script.steps.count - 1)].status
      return doneShare(ofUncancelled: reached, part)
    case "expired": return part ?? 0.5
    default: return part ?? 1
    }
  }

  private func doneShare(ofUncancelled status: String, _ part: Double?) -> Double {
    switch status {
    case "validating": 0
    case "in_progress": part ?? 0.5
    default: part ?? 1
    }
  }

  /// Charges each line once, at half the price; the ledger knows which were.
  private func charge(_ work: BatchWork, of batch: Batch) {
    chargedLines.withLock { charged in
      var last: LedgerFile.Position?
      for (number, line, charge) in work.charges
      where charged.insert(.init(batch: batch.id, line: number)).inserted {
        last = ledger.append(
          [
            "event": "line", "batch": .string(batch.id), "line": JSON(number),
            "custom_id": .string(line.customID), "body": .string(line.body.hex),
            "call": .string(line.call.digest.hex), "model": .string(line.call.model),
            "charged": true, "prompt_tokens": JSON(charge.promptTokens),
            "completion_tokens": JSON(charge.completionTokens), "share": 0.5,
          ]
        )
      }
      if let last { ledger.commit(last) }
    }
  }

  private func keep(_ bytes: [UInt8], as id: String, _ name: String) throws(ServiceError) {
    guard cabinet.files.find(id) == nil else { return }
    _ = try cabinet.add(bytes, name: name, purpose: "batch_output", id: id)
  }
}
