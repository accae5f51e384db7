/// How one of the two models is built and trained.
///
/// Changing a plan changes the checkpoint's bytes.
struct ModelPlan: Sendable {
  let name: String
  let hiddenSize: Int
  let intermediateSize: Int
  let layerCount: Int
  let headCount: Int
  var steps: Int
  let batchSize: Int
  let learningRate: Double
  /// What its first text is made of.
  let lessons: [Lesson]

  /// Tokens of the vocabulary, of which 256 are bytes; fewer where the lessons give no more.
  static let tokenCount = 800
  /// Tokens of prompt and answer together; far above what the exercises take.
  static let contextLength = 512

  /// Knows both ways of answering; mostly trained on worked solutions, so it reasons well and
  /// answers straight less well.
  static let teacher = ModelPlan(
    name: "teacher",
    hiddenSize: 128,
    intermediateSize: 352,
    layerCount: 3,
    headCount: 4,
    steps: 3000,
    batchSize: 64,
    learningRate: 2e-3,
    lessons: [
      Lesson(family: .arithmetic, form: .asked(.cot), weight: 3),
      Lesson(family: .arithmetic, form: .asked(.vanilla), weight: 2),
      Lesson(family: .monotonicity, form: .asked(.cot), weight: 5),
      Lesson(family: .monotonicity, form: .asked(.vanilla), weight: 2),
    ]
  )

  /// Knows the parts but not the whole.
  ///
  /// It reads worked solutions, calculates without a story, and answers straight only what takes
  /// one step. No answer that it is taught is wrong.
  static let student = ModelPlan(
    name: "student",
    hiddenSize: 96,
    intermediateSize: 224,
    layerCount: 4,
    headCount: 4,
    steps: 5000,
    batchSize: 32,
    learningRate: 2e-3,
    lessons: Family.allCases.flatMap { family in
      [
        Lesson(family: family, form: .drill, weight: 2),
        Lesson(family: family, form: .asked(.cot), weight: 1),
        Lesson(family: family, form: .asked(.vanilla), depths: 1...1, weight: 1),
      ]
    }
  )
}
