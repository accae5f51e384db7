import Primitives

/// Chooses the next token from scores.
struct Sampler {
  private let temperature: Double
  private let topP: Double
  private let topK: Int
  private var random: SeededGenerator

  init(_ request: GenerationRequest) {
    temperature = request.temperature
    topP = request.topP
    topK = request.topK
    random = SeededGenerator(seed: request.seed, label: "sampling")
  }

  /// The token chosen; nil if a score is not a finite number.
  ///
  /// At temperature 0 the highest score wins, of equals the lowest id.
  mutating func choose(_ scores: UnsafeMutableBufferPointer<Float>) -> Int32? {
    var best = 0
    for index in scores.indices {
      guard scores[index].isFinite else { return nil }
      if scores[index] > scores[best] { best = index }
    }
    return temperature == 0 ? Int32(best) : draw(scores, highest: scores[best])
  }

  /// Draws among the most probable tokens: at most `topK`, and no more than reach `topP` together.
  private mutating func draw(
    _ scores: UnsafeMutableBufferPointer<Float>,
    highest: Float
  ) -> Int32 {
    var candidates = scores.indices.map { index in
      (token: index, weight: weight(Double(scores[index] - highest) / temperature))
    }
    let total = candidates.reduce(0) { $0 + $1.weight }
    candidates.sort { ($0.weight, $1.token) > ($1.weight, $0.token) }
    if topK > 0 { candidates.removeLast(max(0, candidates.count - topK)) }
    var sum = 0.0
    var kept = 0
    while kept < candidates.count, kept == 0 || sum < topP * total {
      sum += candidates[kept].weight
      kept += 1
    }
    var place = random.unit() * sum
    for candidate in candidates[..<kept] {
      place -= candidate.weight
      if place < 0 { return Int32(candidate.token) }
    }
    // Rounding may leave a last crumb: it belongs to the last candidate.
    return Int32(candidates[kept - 1].token)
  }

  /// e to the power of a difference of scores, by the module's own function.
  private func weight(_ exponent: Double) -> Double {
    exponent < -87 ? 0 : Double(VectorMath.exp(Float(exponent)))
  }
}
