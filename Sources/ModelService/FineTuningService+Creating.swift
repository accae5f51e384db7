import Primitives
import Store
import Transfer

extension FineTuningService {
  /// The id of the job at the service: the one recorded, the one that bears the tag, or a new one.
  func creation(
    _ record: RemoteJobRecord,
    isNew: Bool,
    _ errand: FineTuningErrand
  ) async throws -> String {
    if let id = await record.remoteID { return id }
    let finder = RemoteJobFinder(calls: errand.calls, kind: .fineTune)
    do {
      if !isNew {
        let files = await record.detail.files
        if let id = try await finder.findAfterDoubt(tag: record.job.tag, files: files) {
          try await record.note(remoteID: id, nil)
          return id
        }
      }
      return try await create(record, isNew: isNew, errand, finder)
    } catch let failure as FreeCalls.Failure {
      throw failure.isPassing && failure.delivery == .inDoubt
        ? FineTuningError.unreachable(job: nil, message: failure.message)
        : .refused(message: failure.message)
    }
  }

  private func create(
    _ record: RemoteJobRecord,
    isNew: Bool,
    _ errand: FineTuningErrand,
    _ finder: RemoteJobFinder
  ) async throws -> String {
    let files = try await uploads(record, isNew: isNew, errand)
    let endpoint = errand.calls.endpoint
    let body = errand.request.wireBody(
      endpoint.dialect,
      model: errand.request.model ?? endpoint.model,
      files: files,
      tag: record.job.tag
    )
    try Task.checkCancellation()
    // A task of its own: a job that was just created must not lose its id to a Ctrl-C.
    return try await Task { [self] in
      let (id, json) = try await post(body, record, errand.calls, finder)
      try await record.note(remoteID: id, json)
      return id
    }.value
  }

  /// Sends the job; when it is in doubt whether it arrived, looks for its tag before sending again.
  private func post(
    _ body: [UInt8],
    _ record: RemoteJobRecord,
    _ calls: FreeCalls,
    _ finder: RemoteJobFinder
  ) async throws -> (id: String, json: JSON?) {
    let tag = record.job.tag
    var attempt = 1
    while true {
      do {
        let json = try await calls.once(
          .post,
          "/fine_tuning/jobs",
          .bytes(body),
          headers: [HTTPHeader("Idempotency-Key", tag)]
        )
        guard let id = json["id"]?.string else {
          throw FineTuningError.refused(message: "the service gave the job no id")
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

  /// The job's files at the service; each is uploaded once, whatever ends the process meanwhile.
  private func uploads(
    _ record: RemoteJobRecord,
    isNew: Bool,
    _ errand: FineTuningErrand
  ) async throws -> FineTuningFiles {
    func id(of path: String, _ purpose: String) async throws -> String {
      if let id = await record.detail.files[purpose]?.string { return id }
      let dialect = errand.calls.endpoint.dialect
      let file = try FineTuningFile(at: path, for: dialect)
      let uploader = RemoteJobUpload(calls: errand.calls, purpose: "fine-tune")
      let id = try await uploader.upload(
        path,
        named: "\(purpose)-\(record.job.tag).jsonl",
        mark: dialect.marksTrainingFiles && !file.isMarked,
        mayExist: !isNew
      )
      try await record.note(file: id, for: purpose)
      return id
    }
    var files = FineTuningFiles(training: try await id(of: errand.request.trainingFile, "training"))
    if let path = errand.request.validationFile {
      files.validation = try await id(of: path, "validation")
    }
    return files
  }
}
