/// How a server behaves.
struct TollOptions: Sendable {
  var honoursKeys = false
  var faults = FaultScript()
  /// What a right request bears; nil compares nothing.
  var apiKey: String?
  /// Milliseconds between a charge and its answer.
  var latency: ClosedRange<Int> = 0...0
  var rate: RateLimiter.Limits?
  /// Models that chat is offered for; empty means every name.
  var models: [String] = []
}
