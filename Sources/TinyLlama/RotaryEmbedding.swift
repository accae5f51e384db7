#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rotary position embedding: pairs of a head's numbers turn with the position.
///
/// Number i is paired with number i + half, as in Hugging Face's Llama.
/// Source: Su et al. 2021, "RoFormer".
struct RotaryEmbedding: Sendable {
  private let half: Int
  // Both `[positions, half]`.
  private let cosines: [Float]
  private let sines: [Float]

  init(_ configuration: ModelConfiguration) {
    half = configuration.headSize / 2
    var cosines: [Float] = []
    var sines: [Float] = []
    let frequencies = (0..<half).map { index in
      let exponent = -Double(2 * index) / Double(configuration.headSize)
      let frequency = pow(configuration.ropeTheta, exponent)
      return configuration.ropeScaling?.scaled(frequency) ?? frequency
    }
    cosines.reserveCapacity(configuration.contextLength * half)
    sines.reserveCapacity(configuration.contextLength * half)
    for position in 0..<configuration.contextLength {
      for frequency in frequencies {
        let angle = Double(position) * frequency
        cosines.append(Float(cos(angle)))
        sines.append(Float(sin(angle)))
      }
    }
    self.cosines = cosines
    self.sines = sines
  }

  /// Turns one token's heads in place, by its position; backwards for gradients.
  ///
  /// - Parameters:
  ///   - heads: `[headCount, headSize]`.
  ///   - headCount: Heads that follow each other.
  ///   - position: From 0, within the context.
  ///   - backwards: Turns the other way, which is the transpose.
  func rotate(
    _ heads: UnsafeMutablePointer<Float>,
    headCount: Int,
    position: Int,
    backwards: Bool = false
  ) {
    let sign: Float = backwards ? -1 : 1
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for head in 0..<headCount {
          let low = heads + head * 2 * half
          let high = low + half
          for index in 0..<half {
            let cosine = cosines[position * half + index]
            let sine = sines[position * half + index] * sign
            let (x, y) = (low[index], high[index])
            low[index] = x * cosine - y * sine
            high[index] = y * cosine + x * sine
          }
        }
      }
    }
  }
}
