/// The learning rate of each step: a straight line up to the peak, then a smooth fall to zero.
///
/// The fall is 1 − 3x² + 2x³, within 0.02 of half a cosine, but made of exact operations only.
package struct LearningRateSchedule: Sendable, Hashable {
  package let peak: Double
  package let totalSteps: Int
  package let warmUpSteps: Int

  /// Warms up over a share of the steps, at least one.
  package init(peak: Double, totalSteps: Int, warmUpShare: Double = 0.05) {
    self.peak = peak
    self.totalSteps = totalSteps
    warmUpSteps = max(1, Int(Double(totalSteps) * warmUpShare))
  }

  /// The rate of a step, from 0.
  package func rate(at step: Int) -> Double {
    if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
    let done = Double(step - warmUpSteps) / Double(max(1, totalSteps - warmUpSteps))
    return peak * (1 - done * done * (3 - 2 * done))
  }
}
