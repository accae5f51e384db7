/// How a run is to behave, apart from what the workflow says.
package struct RunSettings: Sendable {
  /// Steps of local computing at once.
  package var localSlots: Int
  /// Fine-tunes at once.
  package var trainingSlots: Int
  /// Whether the first failure stops everything, not only what depends on it.
  package var isFailFast: Bool
  /// Slots of the workflow's own pools.
  package var pools: [String: Int]

  package init(
    localSlots: Int,
    trainingSlots: Int = 1,
    isFailFast: Bool = false,
    pools: [String: Int] = [:]
  ) {
    self.localSlots = localSlots
    self.trainingSlots = trainingSlots
    self.isFailFast = isFailFast
    self.pools = pools
  }

  /// Names of the pools of the tool itself; a space keeps them apart from the workflow's.
  static let localPool = "local work"
  static let trainingPool = "training work"

  var limits: [String: Int] {
    var limits = pools
    limits[Self.localPool] = max(1, localSlots)
    limits[Self.trainingPool] = max(1, trainingSlots)
    return limits
  }
}
