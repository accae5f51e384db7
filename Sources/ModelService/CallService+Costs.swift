package import Primitives
import Store

extension CallService {
  /// Which of the calls have an answer, and what it had cost; nothing is sent, and no answer read.
  ///
  /// - Returns: An entry for each answered call; its value is nil where the cost is not known.
  package func recordedCosts(_ keys: [Digest]) async throws -> [Digest: Money?] {
    try await ledger.costs(keys)
  }
}
