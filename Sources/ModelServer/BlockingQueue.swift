import Dispatch

/// Runs calls that block (reading checkpoints, `fsync`) on threads that are not Swift's own.
///
/// The cooperative pool has one thread a core; a blocked one stops every connection of the server.
struct BlockingQueue: Sendable {
  private let queue: DispatchQueue

  /// Runs one call at a time, in the order they came, or with `concurrently` several.
  init(_ label: String, concurrently: Bool = false) {
    queue = DispatchQueue(
      label: "distill.model-server.\(label)",
      attributes: concurrently ? .concurrent : []
    )
  }

  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }
}
