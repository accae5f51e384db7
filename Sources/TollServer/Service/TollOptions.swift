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
  /// Azure's deployments that need not be made; empty means every name.
  var deployments: [String] = []
  /// What the management plane wants; nil takes any token.
  var managementToken: String?
  var jobScripts = StatusScripts(
    default: StatusScript(["validating_files", "queued", "running", "succeeded"])
  )
  var batchScripts = StatusScripts(
    default: StatusScript(["validating", "in_progress", "finalizing", "completed"])
  )
  /// Milliseconds that each state lasts; 0 changes it at each look.
  var jobDelay = 0
  var batchDelay = 0
}
