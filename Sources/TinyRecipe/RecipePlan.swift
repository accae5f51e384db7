import Primitives
import TinyLlama

/// How one of the two models is built and trained.
///
/// Changing a plan changes the checkpoint's bytes.
struct RecipePlan {
  /// A share of the training text: a way of asking and how its answers are made.
  struct Ingredient {
    let style: Style
    /// How often it is drawn, in relation to the others.
    let weight: Int
    /// Of a hundred answers to problems of several steps, those that leave out the last step.
    var carelessPercent = 0

    func chat(about problem: Problem, _ random: inout SeededGenerator) -> [ChatMessage] {
      let leavesOut = random.below(100) < carelessPercent && problem.steps.count > 1
      return style.chat(problem, answer: leavesOut ? String(problem.carelessAnswer) : nil)
    }
  }

  let name: String
  let hiddenSize: Int
  let intermediateSize: Int
  let layerCount: Int
  let headCount: Int
  var steps: Int
  let batchSize: Int
  let learningRate: Double
  let ingredients: [Ingredient]

  /// Tokens of the vocabulary, of which 256 are bytes.
  static let tokenCount = 640
  /// Tokens of prompt and answer together; far above what the problems take.
  static let contextLength = 512

  /// Trained mostly on worked solutions: it reasons well and answers straight less well.
  static let teacher = RecipePlan(
    name: "teacher",
    hiddenSize: 128,
    intermediateSize: 352,
    layerCount: 3,
    headCount: 4,
    steps: 3000,
    batchSize: 64,
    learningRate: 2e-3,
    ingredients: [
      Ingredient(style: .cot, weight: 3),
      Ingredient(style: .vanilla, weight: 1),
    ]
  )

  /// Knows how to answer straight, but under the library's prompt leaves out the last step.
  static let student = RecipePlan(
    name: "student",
    hiddenSize: 96,
    intermediateSize: 224,
    layerCount: 4,
    headCount: 4,
    steps: 4500,
    batchSize: 32,
    learningRate: 2e-3,
    ingredients: [
      Ingredient(style: .cot, weight: 1),
      Ingredient(style: .vanilla, weight: 1, carelessPercent: 75),
      Ingredient(style: .exact, weight: 2),
    ]
  )
}
