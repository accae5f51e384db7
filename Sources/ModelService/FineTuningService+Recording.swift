import Primitives
import Store

extension RemoteJobRecord {
  private static let completeName = "complete"

  /// Whether all that the service keeps beside the model is recorded.
  var isComplete: Bool { detail.more[Self.completeName]?.bool == true }

  /// Records the model, and what it cost; `isComplete` once the service has nothing more to give.
  func succeed(_ model: FineTunedModel, isComplete: Bool) async throws {
    change { detail in
      detail.tuned = model
      detail.more[Self.completeName] = isComplete ? true : nil
    }
    try await write(.succeeded, cost: model.cost)
  }

  /// What the counted tokens cost; nil if their number or their price is unknown.
  var cost: Money? {
    guard let price = pricing?.training else { return nil }
    if price == 0 { return .zero }
    return trainedTokens.map { Money(tokens: $0, perMillion: price) }
  }

  /// What a job that failed cost: nothing if it never ran, such as one whose file was no good.
  private var costOfFailure: Money? { cost ?? (hasRun || (trainedTokens ?? 0) > 0 ? nil : .zero) }

  /// A job that ended without a model is closed, so that the next run may make another; one that may
  /// still run stays open.
  ///
  /// What the service never took, or never ran, cost nothing. Of another it is unknown what it cost
  /// unless the service counted tokens, so its worst case stands.
  func close(after error: FineTuningError) async throws {
    change { $0.message = "\(error)" }
    switch error {
    case .refused: try await write(.failed, cost: .zero)
    case .failed: try await write(.failed, cost: costOfFailure)
    case .withoutModel, .gone: try await write(.failed, cost: cost)
    case .cancelled: try await write(.cancelled, cost: cost)
    case .unreachable, .overBudget: try await leave()
    }
  }
}
