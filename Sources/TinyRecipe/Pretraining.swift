import Primitives
import TinyLlama

/// Trains a model from nothing on an endless stream of problems.
struct Pretraining {
  let plan: RecipePlan
  let seed: Int64
  let threads: Int
  /// Questions that the model must never have seen.
  let heldOut: Set<String>

  /// Trains the whole plan; `report` is called after each step, numbered from 1, with its loss.
  func run(report: (_ step: Int, _ loss: Double) -> Void) throws -> Checkpoint {
    let trainer = Trainer(try start(), threads: threads)
    let checkpoint = trainer.checkpoint
    let schedule = LearningRateSchedule(peak: plan.learningRate, totalSteps: plan.steps)
    var choice = SeededGenerator(seed: seed, label: "\(plan.name)-ingredients")
    var care = SeededGenerator(seed: seed, label: "\(plan.name)-care")
    var streams = plan.ingredients.indices.map { index in
      ProblemGenerator(seed: seed, label: "\(plan.name)-\(index)", excluding: heldOut)
    }
    for step in 0..<plan.steps {
      let batch = try (0..<plan.batchSize).map { _ in
        let index = pick(&choice)
        let problem = streams[index].next()
        return try checkpoint.trainingSequence(
          for: plan.ingredients[index].chat(about: problem, &care)
        )
      }
      let loss = try trainer.step(batch, learningRate: schedule.rate(at: step))
      report(step + 1, loss)
    }
    return trainer.checkpoint
  }

  private func pick(_ random: inout SeededGenerator) -> Int {
    var place = random.below(plan.ingredients.reduce(0) { $0 + $1.weight })
    for (index, ingredient) in plan.ingredients.enumerated() {
      if place < ingredient.weight { return index }
      place -= ingredient.weight
    }
    return plan.ingredients.count - 1
  }

  /// An untrained model with a vocabulary learned from a sample of the problems.
  private func start() throws -> Checkpoint {
    var sample = ProblemGenerator(seed: seed, label: "vocabulary", excluding: heldOut)
    let styles = Style.allCases.filter { style in plan.ingredients.contains { $0.style == style } }
    let texts = (0..<4000).flatMap { index -> [String] in
      let chat = styles[index % styles.count].chat(sample.next())
      return chat.map { "\($0.role.rawValue)\n\($0.content)" }
    }
    let tokenizer = Tokenizer.trained(on: texts, tokenCount: RecipePlan.tokenCount)
    let configuration = try ModelConfiguration(
      vocabularySize: tokenizer.tokenCount,
      hiddenSize: plan.hiddenSize,
      intermediateSize: plan.intermediateSize,
      layerCount: plan.layerCount,
      headCount: plan.headCount,
      contextLength: RecipePlan.contextLength,
      endToken: tokenizer.endOfTurn
    )
    return try .untrained(configuration: configuration, tokenizer: tokenizer, seed: seed)
  }
}
