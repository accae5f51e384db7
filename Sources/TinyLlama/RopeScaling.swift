import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How Llama 3.1 stretches rotary wavelengths over a longer context than it was first trained on.
///
/// Short waves stay, long ones become `factor` times as long, those between go over smoothly.
/// Source: `_compute_llama3_parameters` in Hugging Face's `modeling_rope_utils.py`.
package struct RopeScaling: Sendable, Hashable {
  /// What the longest waves are stretched by.
  package let factor: Double
  /// Waves longer than the original context over this are stretched whole.
  package let lowFrequencyFactor: Double
  /// Waves shorter than the original context over this stay as they are.
  package let highFrequencyFactor: Double
  /// Tokens of the first training's context.
  package let originalContextLength: Int

  package init(
    factor: Double,
    lowFrequencyFactor: Double,
    highFrequencyFactor: Double,
    originalContextLength: Int
  ) throws(CheckpointError) {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalContextLength = originalContextLength
    guard factor >= 1, factor.isFinite else {
      throw Self.error("'factor' is \(factor); expected a number of at least 1")
    }
    guard lowFrequencyFactor > 0, highFrequencyFactor > lowFrequencyFactor,
      highFrequencyFactor.isFinite
    else {
      throw Self.error(
        "'low_freq_factor' is \(lowFrequencyFactor) and 'high_freq_factor' \(highFrequencyFactor); "
          + "expected numbers above 0, the second the greater"
      )
    }
    guard (1...1_000_000_000).contains(originalContextLength) else {
      throw Self.error(
        "'original_max_position_embeddings' is \(originalContextLength); expected at least 1"
      )
    }
  }

  /// The scaled frequency, in radians a token.
  func scaled(_ frequency: Double) -> Double {
    let wavelength = 2 * Double.pi / frequency
    let context = Double(originalContextLength)
    if wavelength < context / highFrequencyFactor { return frequency }
    if wavelength > context / lowFrequencyFactor { return frequency / factor }
    let smooth =
      (context / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return (1 - smooth) * frequency / factor + smooth * frequency
  }

  static func error(_ message: String) -> CheckpointError {
    ModelConfiguration.error("'rope_scaling': \(message)")
  }
}

extension RopeScaling {
  /// Reads the value of `rope_scaling`; nil where it asks for the plain embedding.
  static func parsed(_ json: JSON) throws(CheckpointError) -> RopeScaling? {
    if json.isNull { return nil }
    guard let object = json.object else {
      throw error("is \(json.kindName); expected a map or null")
    }
    // Older files write 'type'; some have both.
    let kind = (object["rope_type"] ?? object["type"])?.string
    guard kind == "llama3" || kind == "default" else {
      throw error(
        "the type is '\(kind ?? "missing")'; this runtime has only 'llama3' and 'default'"
      )
    }
    for key in object.keys where !known.contains(key) {
      throw error("'\(key)' is not supported by this runtime")
    }
    if kind == "default" { return nil }
    func number(_ name: String) throws(CheckpointError) -> Double {
      guard let number = object[name]?.number else { throw error("'\(name)' is no number") }
      return number
    }
    guard let context = object["original_max_position_embeddings"]?.int else {
      throw error("'original_max_position_embeddings' is no whole number")
    }
    return try RopeScaling(
      factor: number("factor"),
      lowFrequencyFactor: number("low_freq_factor"),
      highFrequencyFactor: number("high_freq_factor"),
      originalContextLength: context
    )
  }

  private static let known: Set<String> = [
    "rope_type", "type", "factor", "low_freq_factor", "high_freq_factor",
    "original_max_position_embeddings", "rope_theta",
  ]

  var json: JSON {
    [
      "factor": .number(factor), "high_freq_factor": .number(highFrequencyFactor),
      "low_freq_factor": .number(lowFrequencyFactor),
      "original_max_position_embeddings": JSON(originalContextLength), "rope_type": "llama3",
    ]
  }
}
