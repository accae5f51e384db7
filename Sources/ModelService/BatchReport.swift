package import Primitives

/// How one batch stands, told at each look.
package struct BatchProgress: Hashable, Sendable {
  package let tag: String
  /// The service's id; nil before it has one.
  package let job: String?
  /// As the service says it.
  package let status: String
  /// Calls that were sent with it.
  package let total: Int
  package let completed: Int
  package let failed: Int
}

/// What became of the calls of `BatchService.answer`.
package struct BatchReport: Sendable {
  /// Calls answered by a batch now.
  package var made = 0
  /// Calls that had an answer, or got one from somebody else meanwhile.
  package var reused = 0
  /// What those made now cost, as far as it is known.
  package var spent = Money.zero
  /// Calls made now whose cost is unknown.
  package var unknownCost = 0
  /// Calls that stay without an answer, and why.
  package var failures: [Digest: CallError] = [:]
  /// Lines for a call that had one already: the first counts.
  package var duplicates = 0
  /// Lines whose `custom_id` is no call of the batch.
  package var strangers = 0
  /// Lines that are no JSON of a known form.
  package var malformed = 0
  /// The services' ids of the batches that were followed, in the order of their ends.
  package var batches: [String] = []

  package init() {}

  mutating func add(_ other: BatchReport) {
    made += other.made
    reused += other.reused
    spent += other.spent
    unknownCost += other.unknownCost
    failures.merge(other.failures) { _, new in new }
    duplicates += other.duplicates
    strangers += other.strangers
    malformed += other.malformed
    batches += other.batches
  }
}

/// Why a batch brought nothing, or not all.
package enum BatchError: Error, Sendable, CustomStringConvertible {
  /// The service did not take the file or the batch.
  case refused(message: String)
  /// The service could not work on it.
  case failed(batch: String, message: String)
  /// The service does not know it any more: what it did is lost, and its calls are in doubt.
  case gone(batch: String)
  /// Nothing was heard for long; a batch that exists goes on, and costs.
  case unreachable(batch: String?, message: String)
  /// The file for the upload could not be written.
  case unwritable(message: String)

  package var description: String {
    switch self {
    case .refused(let message): "the batch was refused: \(message)"
    case .failed(let batch, let message): "batch '\(batch)' failed: \(message)"
    case .gone(let batch):
      "batch '\(batch)' is not known to its service any more; its calls are in doubt"
    case .unreachable(let batch?, let message):
      "batch '\(batch)' cannot be followed: \(message); it may still run and cost: run again to "
        + "follow it"
    case .unreachable(nil, let message):
      "the batch may have been created: \(message); run again to look for it"
    case .unwritable(let message): message
    }
  }
}
