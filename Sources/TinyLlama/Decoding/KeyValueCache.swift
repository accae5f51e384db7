/// Keys and values of the tokens that a sequence has behind it.
///
/// Grows with the sequence: a model's context may be far longer than most answers.
final class KeyValueCache {
  /// `[layers, 2, capacity, K]`: keys, then values, of each layer.
  private var floats: FloatBuffer
  private var capacity: Int
  private let limit: Int
  private let layerCount: Int
  private let width: Int

  /// - Parameters:
  ///   - configuration: The model's.
  ///   - expected: Tokens that will come for certain.
  ///   - limit: Tokens that may come at most.
  init(_ configuration: ModelConfiguration, expected: Int, limit: Int) {
    capacity = min(limit, expected + 64)
    self.limit = limit
    layerCount = configuration.layerCount
    width = configuration.keyValueWidth
    floats = FloatBuffer(count: layerCount * 2 * capacity * width)
  }

  /// Makes room for so many tokens; pointers from before are then no longer valid.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    let larger = min(limit, max(count, 2 * capacity))
    let target = FloatBuffer(count: layerCount * 2 * larger * width)
    for half in 0..<layerCount * 2 {
      (target.base + half * larger * width)
        .update(from: floats.base + half * capacity * width, count: capacity * width)
    }
    (floats, capacity) = (target, larger)
  }

  func keys(layer: Int) -> UnsafeMutablePointer<Float> {
    floats.base + layer * 2 * capacity * width
  }

  func values(layer: Int) -> UnsafeMutablePointer<Float> { keys(layer: layer) + capacity * width }
}
