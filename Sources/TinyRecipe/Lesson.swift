import Primitives
import TinyLlama

/// A share of a model's first training text: what is asked and how it is answered.
struct Lesson: Sendable {
  enum Form: Sendable, Hashable {
    /// As the library's template of the style asks; steps only where it asks for steps.
    case asked(Style)
    /// The bare calculation, without the story and without steps.
    case drill
  }

  let family: Family
  let form: Form
  var depths = 1...4
  /// How often it is drawn, in relation to the others.
  let weight: Int

  func chat(_ exercise: Exercise) -> [ChatMessage] {
    let (question, answer) =
      switch form {
      case .asked(.vanilla): (family.prompt(exercise, .vanilla), exercise.label)
      case .asked(.cot): (family.prompt(exercise, .cot), exercise.workedAnswer)
      case .drill: (family.drill(exercise), exercise.label)
      }
    return [ChatMessage(.user, question), ChatMessage(.assistant, answer)]
  }
}
