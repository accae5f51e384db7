package import Execution
import ModelService
import Primitives
import Workflow

/// A kind that asks a model about every row of a dataset.
package protocol Asking: RunnableKind {
  /// Everything that an instance asks; none if it asks no model.
  static func questionnaires(_ inputs: Inputs, _ services: Services) async throws -> [Questionnaire]
}

extension Asking {
  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try BatchRule.check(inputs, services)
    try await TemplateFit.check(inputs, services.objects)
  }

  package static func plannedCalls(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> PlannedCalls? {
    var planned: PlannedCalls?
    for questions in try await questionnaires(inputs, services) {
      let more = try await questions.planned(
        services.models.calls,
        fresh: services.asking.isAnew
      )
      planned = planned.map { $0 + more } ?? more
    }
    return planned
  }

  package static func pilot(
    _ inputs: Inputs,
    _ services: Services,
    rows: Int
  ) async throws -> PilotAnswers? {
    var pilot: PilotAnswers?
    for questions in try await questionnaires(inputs, services) {
      let more = try await questions.pilot(services, rows: rows)
      pilot = pilot.map { $0 + more } ?? more
    }
    return pilot
  }
}
