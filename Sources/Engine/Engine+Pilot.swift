package import Execution
import Primitives
package import Workflow

/// What the pilot of an instance came to.
package struct Pilot: Sendable {
  package let instance: Instance
  package let answers: PilotAnswers
}

extension Engine {
  /// Asks about the first rows of every instance that is known, not cached, and asks a model.
  ///
  /// The answers are recorded like those of a run, so the run finds them. Budgets hold.
  ///
  /// - Throws: `NodeFailure` at the first instance whose calls cannot be made; answers that came are
  ///   kept.
  package func pilot(
    _ plan: Plan,
    rows: Int,
    observe: (Pilot) -> Void = { _ in }
  ) async throws -> [Pilot] {
    var pilots: [Pilot] = []
    for entry in plan.entries {
      guard case .run = entry.action, entry.calls?.toMake ?? 0 > 0, let keyed = entry.keyed
      else { continue }
      let services = services(entry.instance.id)
      guard let answers = try await keyed.kind.pilot(keyed.inputs, services, rows: rows) else {
        continue
      }
      let pilot = Pilot(instance: entry.instance, answers: answers)
      observe(pilot)
      pilots.append(pilot)
    }
    return pilots
  }
}
