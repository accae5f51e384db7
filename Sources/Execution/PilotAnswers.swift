package import Primitives

/// What asking about the first rows of an instance showed, for an estimate of all of them.
package struct PilotAnswers: Sendable {
  /// The instance's calls before the pilot.
  package var planned: PlannedCalls
  /// Calls of the pilot that have an answer, and how many of them were made now.
  package var asked = 0
  package var made = 0
  package var promptTokens = 0
  package var completionTokens = 0
  /// What the pilot's answers cost, whenever they were paid; nil as soon as one is unknown.
  package var cost: Money? = .zero
  /// Tokens, in and out, of the calls that are still to make: 95 % of such samples hold the truth.
  package var tokensLeft = 0...0
  /// What these will cost; nil if the cost of an answer is unknown.
  package var costLeft: ClosedRange<Money>? = Money.zero...Money.zero

  package init(planned: PlannedCalls) {
    self.planned = planned
  }

  package static func + (left: PilotAnswers, right: PilotAnswers) -> PilotAnswers {
    var sum = PilotAnswers(planned: left.planned + right.planned)
    sum.asked = left.asked + right.asked
    sum.made = left.made + right.made
    sum.promptTokens = left.promptTokens + right.promptTokens
    sum.completionTokens = left.completionTokens + right.completionTokens
    sum.cost = left.cost.flatMap { mine in right.cost.map { mine + $0 } }
    sum.tokensLeft = left.tokensLeft.adding(right.tokensLeft)
    sum.costLeft = left.costLeft.flatMap { mine in
      right.costLeft.map { mine.lowerBound + $0.lowerBound...mine.upperBound + $0.upperBound }
    }
    return sum
  }
}
