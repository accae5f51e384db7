import Primitives
import Store
import Transfer

extension BatchService {
  /// The id of the batch at its service: the one recorded, the one that bears the tag, or a new one.
  ///
  /// - Returns: Nil if there is none and can be none any more: then its calls were never sent.
  func creation(
    _ batch: Batch,
    _ record: RemoteJobRecord,
    _ calls: FreeCalls
  ) async throws -> String? {
    if let id = await record.remoteID { return id }
    let finder = RemoteJobFinder(calls: calls, kind: .batch)
    do {
      if !batch.isNew {
        let files = await record.detail.files
        if let id = try await finder.findAfterDoubt(tag: batch.job.tag, files: files) {
          try await record.note(remoteID: id, nil)
          return id
        }
      }
      guard let file = try await input(of: batch, record, calls) else { return nil }
      try Task.checkCancellation()
      // A task of its own: a batch that was just created must not lose its id to a Ctrl-C.
      return try await Task { [self] in
        let (id, json) = try await post(file, record, calls, finder)
        try await record.note(remoteID: id, json)
        return id
      }.value
    } catch let failure as FreeCalls.Failure {
      throw failure.isPassing && failure.delivery == .inDoubt
        ? BatchError.unreachable(batch: nil, message: failure.message)
        : .refused(message: failure.message)
    }
  }

  /// The id of the batch's file at the service.
  ///
  /// - Returns: Nil for a batch of a run that ended before its file was uploaded.
  private func input(
    of batch: Batch,
    _ record: RemoteJobRecord,
    _ calls: FreeCalls
  ) async throws -> String? {
    if let id = await record.detail.files["input"]?.string { return id }
    let uploader = RemoteJobUpload(calls: calls, purpose: "batch")
    let name = "input-\(batch.job.tag).jsonl"
    guard batch.isNew else {
      guard let id = try await uploader.existing(name) else { return nil }
      try await record.note(file: id, for: "input")
      return id
    }
    let keys = Set(batch.sent.map(\.key))
    let lines = batch.calls.lazy.filter { keys.contains($0.key) }
      .map { BatchLine.request($0, from: calls.endpoint) }
    let file = try BatchFile(lines, tag: batch.job.tag)
    let id = try await uploader.upload(file.path, named: name, mayExist: false)
    try await record.note(file: id, for: "input")
    return id
  }

  /// Sends the batch; when it is in doubt whether it arrived, looks for its tag before sending again.
  private func post(
    _ file: String,
    _ record: RemoteJobRecord,
    _ calls: FreeCalls,
    _ finder: RemoteJobFinder
  ) async throws -> (id: String, json: JSON?) {
    let tag = record.job.tag
    let body: JSON = [
      "input_file_id": .string(file), "endpoint": .string(calls.endpoint.dialect.batchPath),
      "completion_window": "24h", "metadata": [RemoteJobFinder.tagName: .string(tag)],
    ]
    var attempt = 1
    while true {
      do {
        let json = try await calls.once(
          .post,
          "/batches",
          .bytes(Array(body.compactText.utf8)),
          headers: [HTTPHeader("Idempotency-Key", tag)]
        )
        guard let id = json["id"]?.string else {
          throw BatchError.refused(message: "the service gave the batch no id")
        }
        return (id, json)
      } catch let failure as FreeCalls.Failure where failure.isPassing && attempt < calls.attempts {
        try await time.sleep(calls.wait(after: attempt, failure))
        attempt += 1
        guard failure.delivery == .inDoubt else { continue }
        let files = await record.detail.files
        if let id = try await finder.findAfterDoubt(tag: tag, files: files) { return (id, nil) }
      }
    }
  }
}
