import Diagnostics
import Primitives
import Workflow

/// Several samples at temperature 0 would be one answer paid several times.
enum SamplingRule {
  static func check(_ instance: Instance) -> [Problem] {
    guard let samples = instance.settings.integer("samples"), samples > 1 else { return [] }
    let decoding = instance.settings["decoding"]
    // Behind a tune node the temperature is known only when it has run; `run` checks it then.
    if case .reference = decoding?.kind { return [] }
    guard (decoding?.json?["temperature"]?.number ?? 0) == 0 else { return [] }
    return [
      Problem(
        "'samples: \(samples)' at temperature 0 would draw the same answer \(samples) times",
        at: instance.settings["samples"]?.location ?? instance.location,
        hint: "write a temperature above 0 under 'decoding', or leave 'samples' out"
      )
    ]
  }
}
