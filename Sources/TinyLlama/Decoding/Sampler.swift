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
    let label = request.choice == 0 ? "sampling" : "sampling-\(request.choice)"
    random = SeededGenerator(seed: request.seed, label: label)
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

  /// Draws among the tokens that `topK` and `topP` leave, by their weights.
  private mutating func draw(
    _ scores: UnsafeMutableBufferPointer<Float>,
    highest: Float
  ) -> Int32 {
    var candidates = scores.indices.map { index in
      Candidate(token: index, weight: weight(Double(scores[index] - highest) / temperature))
    }
    if topK > 0 || topP < 1 { candidates = mostProbable(of: candidates) }
    var place = random.unit() * candidates.reduce(0) { $0 + $1.weight }
    for candidate in candidates where candidate.weight > 0 {
      place -= candidate.weight
      if place < 0 { return Int32(candidate.token) }
    }
    // Rounding may leave a last crumb: it belongs to the last token that could be drawn.
    return Int32(candidates.last { $0.weight > 0 }?.token ?? candidates[0].token)
  }

  /// At most `topK` tokens, and no more than reach the share `topP` together; at least one.
  private func mostProbable(of candidates: [Candidate]) -> [Candidate] {
    let total = candidates.reduce(0) { $0 + $1.weight }
    let sorted = candidates.sorted { ($0.weight, $1.token) > ($1.weight, $0.token) }
    var sum = 0.0
    var kept: [Candidate] = []
    for candidate in sorted {
      kept.append(candidate)
      sum += candidate.weight
      if kept.count == topK || sum >= topP * total { break }
    }
    return kept
  }

  private struct Candidate {
    let token: Int
    let weight: Double
  }

  /// e to the power of a difference of scores, by the module's own function.
  private func weight(_ exponent: Double) -> Double {
    exponent < -87 ? 0 : Double(VectorMath.exp(Float(exponent)))
  }
}
