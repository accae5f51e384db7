import Logging
import Primitives
import Store

/// What one batch came to.
struct BatchOutcome: Sendable {
  var report = BatchReport()
  var answered: Set<Digest> = []
  /// What the service said against calls that it did not answer.
  var messages: [Digest: String] = [:]
  /// What concerns every call, such as a quota.
  var stop: EndpointStop?
}

extension BatchService {
  /// Reads the files of a batch that has ended, and records what they hold.
  ///
  /// An expired or cancelled batch keeps what it did, and that is paid for. A call without a line is
  /// in doubt if the service says that it did all of them, else it was not worked on.
  func collect(
    _ end: JSON,
    _ id: String,
    _ batch: Batch,
    _ record: RemoteJobRecord,
    _ calls: FreeCalls
  ) async throws -> BatchOutcome {
    let status = end["status"]?.string?.lowercased() ?? ""
    var sorter = BatchSorter(
      open: batch.sent,
      reader: VerdictReader(
        endpoint: calls.endpoint,
        secret: try await client.secret(for: calls.endpoint),
        now: time.wallClock()
      ),
      pricing: calls.endpoint.pricing?.inBatch
    )
    for name in ["output_file_id", "error_file_id"] {
      guard let file = end[name]?.string, !file.isEmpty else { continue }
      try await read(file, of: id, calls, into: &sorter)
    }
    try await leaveInDoubt(sorter.doubts, id)
    sorter.outcome.report.batches = [id]
    let missing = sorter.missing
    switch status {
    case "completed": try await complete(id, missing, sorter.declinedCount, record)
    case "failed" where missing.count == batch.sent.count:
      throw BatchError.failed(batch: id, message: Self.reasons(end))
    case "failed": try await record.end(.failed, remaining: .release(.declined))
    default: try await record.end(.cancelled, remaining: .release(.declined))
    }
    return sorter.outcome
  }

  /// Ends a batch that its service calls complete; calls without a line are in doubt then.
  private func complete(
    _ id: String,
    _ missing: [Attempt],
    _ declined: Int,
    _ record: RemoteJobRecord
  ) async throws {
    guard !missing.isEmpty else {
      return try await record.end(.succeeded, remaining: .release(.declined))
    }
    log.warning(
      "a batch ended without lines for some of its calls, which are in doubt now",
      metadata: ["batch": "\(id)", "calls": "\(missing.count)"]
    )
    let message = "batch '\(id)' ended without a line for the call"
    guard declined > 0 else {
      // All that is left is in doubt: one transaction, however many there are.
      let detail: JSON = ["message": .string(message), "batch": .string(id)]
      return try await record.end(.succeeded, remaining: .leaveInDoubt(detail: detail))
    }
    try await leaveInDoubt(missing.map { ($0, message, nil) }, id)
    try await record.end(.succeeded, remaining: .release(.declined))
  }

  /// Records the answers of one file, a thousand to a transaction.
  private func read(
    _ file: String,
    of batch: String,
    _ calls: FreeCalls,
    into sorter: inout BatchSorter
  ) async throws {
    var settlements: [Settlement] = []
    let copy: DownloadedFile
    do {
      copy = try await calls.download(file: file)
    } catch let failure as FreeCalls.Failure {
      // The batch stays as it is: the next run reads the file, which is paid for.
      throw BatchError.unreachable(batch: batch, message: failure.message)
    }
    var reader = try LineReader(path: copy.path)
    while let line = try reader.next() {
      if let settlement = sorter.take(line) { settlements.append(settlement) }
      guard settlements.count == 1000 else { continue }
      try await ledger.settleAll(settlements)
      settlements = []
    }
    try await ledger.settleAll(settlements)
    withExtendedLifetime(copy) {}
  }

  private func leaveInDoubt(_ doubts: [BatchSorter.Doubt], _ batch: String) async throws {
    for (attempt, message, fragment) in doubts {
      var detail = JSONObject([("message", .string(message)), ("batch", .string(batch))])
      detail["received"] = fragment.map(JSON.string)
      try await ledger.leaveInDoubt(attempt, detail: .object(detail))
    }
  }

  /// `errors.data` of a batch that could not be worked on.
  private static func reasons(_ end: JSON) -> String {
    let errors = end["errors"]?["data"]?.array ?? []
    let texts = errors.prefix(3).compactMap { error -> String? in
      guard let message = error["message"]?.string else { return nil }
      let line = error["line"]?.int.map { "line \($0): " } ?? ""
      return ForeignText.shown(line + message)
    }
    let more = errors.count > 3 ? " (and \(errors.count - 3) more)" : ""
    return texts.isEmpty ? "the service gives no reason" : texts.joined(separator: "; ") + more
  }
}
