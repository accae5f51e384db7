package import Primitives

/// The model calls an instance would make, counted before any is sent.
package struct PlannedCalls: Hashable, Sendable {
  package var total = 0
  /// Calls of these that the ledger already holds an answer to.
  package var paid = 0
  /// What those had cost; nil as soon as the cost of one is unknown.
  package var paidCost: Money? = .zero
  /// Tokens of the prompts of the calls to make: a guess, and the bound that a budget reserves.
  package var promptTokens = 0...0
  /// Tokens of the answers to come: one each, and their limits.
  package var completionTokens = 0...0
  /// Calls to make that have no token limit, so that no bound holds for them.
  package var unlimited = 0
  /// What the calls to make will cost: with short answers, and at worst; nil where a price is not
  /// known or a call has no limit.
  package var cost: ClosedRange<Money>? = Money.zero...Money.zero

  package init() {}

  package var toMake: Int { total - paid }

  package static func + (left: PlannedCalls, right: PlannedCalls) -> PlannedCalls {
    var sum = PlannedCalls()
    sum.total = left.total + right.total
    sum.paid = left.paid + right.paid
    sum.paidCost = left.paidCost.flatMap { paid in right.paidCost.map { paid + $0 } }
    sum.promptTokens = left.promptTokens.adding(right.promptTokens)
    sum.completionTokens = left.completionTokens.adding(right.completionTokens)
    sum.unlimited = left.unlimited + right.unlimited
    sum.cost = left.cost.flatMap { mine in
      right.cost.map { mine.lowerBound + $0.lowerBound...mine.upperBound + $0.upperBound }
    }
    return sum
  }
}

extension ClosedRange<Int> {
  /// The range of the sums of two numbers, one of each range.
  package func adding(_ other: ClosedRange<Int>) -> ClosedRange<Int> {
    lowerBound + other.lowerBound...upperBound + other.upperBound
  }
}
