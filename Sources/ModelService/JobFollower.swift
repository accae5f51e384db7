import Logging
import Primitives
import Store
import Transfer

/// Asks for a job's state until it ends.
struct JobFollower: Sendable {
  let calls: FreeCalls
  let log: Logger
  /// `/fine_tuning/jobs` or `/batches`.
  let path: String
  /// What the job's metadata must say.
  let tag: String
  let pace: Pace

  /// What was just created may not be shown at once: only so many answers of 404 in a row count.
  private static let absences = 3

  /// How often a service is asked, and how long its silence is borne.
  struct Pace: Sendable {
    let first: Duration
    let longest: Duration
    /// How long the service may say nothing of use before the waiting ends.
    let patience: Duration

    /// A job on this machine takes seconds, one at a provider minutes to hours.
    init(of kind: JobKind, at endpoint: ModelEndpoint) {
      guard !endpoint.address.isLocal else {
        (first, longest) = (.milliseconds(100), .milliseconds(500))
        patience = .seconds(60)
        return
      }
      patience = .seconds(3600)
      switch (kind, endpoint.dialect.provider) {
      // At least a minute between two looks (azure-ai-docs, `batch-rest.md`).
      case (.batch, .azure): (first, longest) = (.seconds(60), .seconds(300))
      case (.batch, .openAI): (first, longest) = (.seconds(5), .seconds(60))
      default: (first, longest) = (.seconds(2), .seconds(30))
      }
    }
  }

  /// What a look at the job showed, and whether the waiting is over.
  enum Look<Value> {
    case waiting
    case ended(Value)
  }

  /// Why the job cannot be followed to its end.
  enum Trouble: Error {
    /// The service does not know it any more, or its id is another job's.
    case gone
    case unreachable(String)
  }

  /// Asks until `read` says that the job has ended; it gets the service's word on the job each time.
  ///
  /// - Throws: `Trouble`, what `read` throws, or `CancellationError`.
  func follow<Value>(_ id: String, _ read: (JSON) async throws -> Look<Value>) async throws -> Value
  {
    var pause = pace.first
    var lastHeard = calls.time.now()
    var absences = 0
    while true {
      try Task.checkCancellation()
      var asked: Duration = .zero
      do {
        let json = try await calls.once(.get, "\(path)/\(PercentEncoding.segment(id))")
        lastHeard = calls.time.now()
        absences = 0
        guard isOurs(json) else { throw Trouble.gone }
        if case .ended(let value) = try await read(json) { return value }
      } catch let failure as FreeCalls.Failure {
        absences = failure.status == 404 ? absences + 1 : 0
        if absences == Self.absences { throw Trouble.gone }
        guard failure.isPassing || absences > 0, calls.time.now() - lastHeard < pace.patience else {
          throw Trouble.unreachable(failure.message)
        }
        asked = min(failure.wait ?? .zero, pace.patience)
      }
      try await calls.time.sleep(max(pause, asked))
      pause = min(pause * 3 / 2, pace.longest)
    }
  }

  /// Whether the job is the one that was created.
  ///
  /// A server that forgets its jobs when it ends may give an id again. One that keeps no metadata is
  /// believed.
  private func isOurs(_ json: JSON) -> Bool {
    guard let tag = json["metadata"]?[RemoteJobFinder.tagName]?.string else { return true }
    return UTF8Order.equal(tag, self.tag)
  }
}
