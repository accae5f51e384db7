import Primitives
import Transfer

/// Puts the files of a job where its service finds them.
struct RemoteJobUpload: Sendable {
  let calls: FreeCalls
  /// `fine-tune` or `batch`.
  let purpose: String

  /// The service's id of the file, ready for use; the name holds the job's tag, so that an upload
  /// whose answer was lost is found and not repeated.
  ///
  /// With `mayExist` it is looked for before anything is sent. With `mark` a byte order mark goes
  /// before the file's own bytes.
  func upload(
    _ path: String,
    named name: String,
    mark: Bool = false,
    mayExist: Bool
  ) async throws -> String {
    if mayExist, let id = try await existing(name) { return id }
    var attempt = 1
    while true {
      do {
        return try await settled(try await send(path, name, mark))
      } catch let failure as FreeCalls.Failure
        where failure.isPassing && attempt < calls.attempts
      {
        try await calls.time.sleep(calls.wait(after: attempt, failure))
        attempt += 1
        if failure.delivery == .inDoubt, let file = try await find(name) {
          return try await settled(file)
        }
      }
    }
  }

  /// The id of the upload of that name, if its answer was lost.
  func existing(_ name: String) async throws -> String? {
    guard let file = try await find(name) else { return nil }
    return try await settled(file)
  }

  private func send(_ path: String, _ name: String, _ mark: Bool) async throws -> JSON {
    var form = MultipartForm(boundary: "distill-\(Digest(of: "\(name):\(path)").hex.prefix(32))")
    form.add(field: "purpose", value: purpose)
    form.add(field: "file", file: path, named: name)
    let pieces = form.body.pieces.flatMap { piece -> [HTTPBody.Piece] in
      guard mark, case .file = piece else { return [piece] }
      return [.bytes(FineTuningFile.mark), piece]
    }
    return try await calls.once(
      .post,
      "/files",
      HTTPBody(pieces),
      contentType: form.contentType,
      limits: .largeFiles
    )
  }

  /// The upload of that name, unless the service could make nothing of it.
  private func find(_ name: String) async throws -> JSON? {
    // A service that lists no files cannot have shown one before.
    guard let list = try? await calls.get("/files?purpose=\(purpose)") else { return nil }
    return list["data"]?.array?.first { file in
      file["filename"]?.string.map { UTF8Order.equal($0, name) } == true
        && file["id"]?.string != nil && file["status"]?.string?.lowercased() != "error"
    }
  }

  /// Waits until the service has read the file: Azure takes no job of one that it has not.
  private func settled(_ file: JSON) async throws -> String {
    guard let id = file["id"]?.string else {
      throw FreeCalls.Failure(status: 400, message: "the service gave the file no id")
    }
    var file = file
    var pause = calls.endpoint.address.isLocal ? Duration.milliseconds(100) : .seconds(2)
    while true {
      switch file["status"]?.string?.lowercased() {
      case "pending", "running", "importing": break
      case "error":
        let reason = file["status_details"]?.string.map { ForeignText.shown($0) }
        throw FreeCalls.Failure(
          status: 400,
          message: "the service cannot read the file: \(reason ?? "it gives no reason")"
        )
      default: return id
      }
      try await calls.time.sleep(pause)
      pause = min(pause * 3 / 2, .seconds(30))
      file = try await calls.get("/files/\(PercentEncoding.segment(id))")
    }
  }
}
