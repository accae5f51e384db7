import ModelService
import Primitives
import Workflow

/// Whose answers are read at all: those that the model ended by itself, and others that the workflow
/// asks for by name.
///
/// A bad answer never becomes data silently (promise P7): without `accept` it is counted and invalid.
struct ReadableStates: Sendable {
  /// States of answers that have a text but are not a model's own whole answer.
  static let names = [
    Answer.State.truncated, .looped, .filtered, .refused, .unknownFinish,
  ].map(\.rawValue)

  private let states: Set<Answer.State>

  init(_ settings: Settings) {
    let accepted = settings.json("accept")?.array?.compactMap(\.string) ?? []
    states = Set(accepted.compactMap(Answer.State.init)).union([.answered])
  }

  func contains(_ state: Answer.State) -> Bool { states.contains(state) }
}
