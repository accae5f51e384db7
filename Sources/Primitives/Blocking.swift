import Dispatch

/// A place for calls that block: file reading, hashing, databases, BLAS.
///
/// Swift's cooperative pool has one thread a core; a call that waits there holds up every task.
package enum Blocking {
  private static let queue = DispatchQueue(label: "distill.blocking", attributes: .concurrent)

  /// Runs a closure on a thread of its own and gives back what it returns or throws.
  package static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}
