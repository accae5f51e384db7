package import Primitives
import Store

extension CallService {
  /// Which of the calls have an answer, and what it had cost; nothing is sent, and no answer read.
  ///
  /// With `fresh`, an answer counts only if a run of this service's round made it.
  ///
  /// - Returns: An entry for each answered call; its value is nil where the cost is not known.
  package func recordedCosts(
    _ keys: [Digest],
    fresh: Bool = false
  ) async throws -> [Digest: Money?] {
    // Outside of a run nothing is made, so nothing is fresh.
    try await fresh ? ledger.costs(keys, madeBy: round) : ledger.costs(keys)
  }
}
