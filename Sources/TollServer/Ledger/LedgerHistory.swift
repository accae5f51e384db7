import Primitives

/// What a server that starts anew must know of its ledger's past.
struct LedgerHistory: Sendable {
  /// What an idempotency key was first used for.
  struct KeyUse: Sendable {
    let body: Digest
    /// The fault that shaped the saved answer.
    let fault: Fault?
  }

  /// A line of a batch.
  struct BatchLine: Hashable, Sendable {
    let batch: String
    let line: Int
  }

  var lastNumber = 0
  var ordinals: [Endpoint: Int] = [:]
  var keys: [String: KeyUse] = [:]
  /// Chat requests that were seen with a fault for once only.
  var calls: Set<Digest> = []
  var chargedLines: Set<BatchLine> = []
  var chargedJobs: Set<String> = []

  mutating func take(_ record: JSON) {
    switch record["event"]?.string {
    case "request": takeRequest(record)
    case "line":
      guard let batch = record["batch"]?.string, let line = record["line"]?.int else { return }
      chargedLines.insert(BatchLine(batch: batch, line: line))
    case "training": if let job = record["job"]?.string { chargedJobs.insert(job) }
    default: break
    }
  }

  private mutating func takeRequest(_ record: JSON) {
    lastNumber = max(lastNumber, record["n"]?.int ?? 0)
    if let endpoint = record["endpoint"]?.string.flatMap(Endpoint.init(rawValue:)) {
      ordinals[endpoint] = max(ordinals[endpoint] ?? 0, record["k"]?.int ?? 0)
    }
    let fault = record["fault"].flatMap { try? Fault($0) }
    if fault?.isOnce == true, let call = record["call"]?.string.flatMap({ Digest(hex: $0) }) {
      calls.insert(call)
    }
    guard record["charged"]?.bool == true, let key = record["key"]?.string,
      let body = record["body"]?.string.flatMap({ Digest(hex: $0) })
    else { return }
    keys[key] = KeyUse(body: body, fault: fault)
  }
}
