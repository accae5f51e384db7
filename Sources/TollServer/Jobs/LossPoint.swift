/// One step of a loss that falls as losses do.
struct LossPoint {
  static let stepsPerEpoch = 4

  let step: Int

  /// To three places, so that texts are short.
  private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

  var training: Double { Self.rounded(2 / Double(step)) }
  var validation: Double { Self.rounded(2.2 / Double(step)) }
  var accuracy: Double { Self.rounded(1 - 0.5 / Double(step)) }
}
