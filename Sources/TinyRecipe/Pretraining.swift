import Primitives
import TinyLlama

/// Trains a model from nothing on an endless stream of lessons.
struct Pretraining {
  let plan: ModelPlan
  let seed: Int64
  let threads: Int

  /// Trains the whole plan; `report` is called after each step, numbered from 1, with its loss.
  func run(report: (_ step: Int, _ loss: Double) -> Void) throws -> Checkpoint {
    let trainer = Trainer(try start(), threads: threads)
    let checkpoint = trainer.checkpoint
    let schedule = LearningRateSchedule(peak: plan.learningRate, totalSteps: plan.steps)
    var choice = SeededGenerator(seed: seed, label: "\(plan.name)-lessons")
    var streams = plan.lessons.enumerated().map { index, lesson in
      ExerciseStream(
        lesson.family,
        fold: .lessons,
        depths: lesson.depths,
        seed: seed,
        label: "\(plan.name)-\(index)"
      )
    }
    for step in 0..<plan.steps {
      let batch = try (0..<plan.batchSize).map { _ in
        let index = pick(&choice)
        let exercise = streams[index].next()
        return try checkpoint.trainingSequence(for: plan.lessons[index].chat(exercise))
      }
      let loss = try trainer.step(batch, learningRate: schedule.rate(at: step))
      report(step + 1, loss)
    }
    return trainer.checkpoint
  }

  private func pick(_ random: inout SeededGenerator) -> Int {
    var place = random.below(plan.lessons.reduce(0) { $0 + $1.weight })
    for (index, lesson) in plan.lessons.enumerated() {
      if place < lesson.weight { return index }
      place -= lesson.weight
    }
    return plan.lessons.count - 1
  }

  /// An untrained model with a vocabulary learned from a sample of all the lessons there are, so
  /// that it does not hang on the plan.
  private func start() throws -> Checkpoint {
    let tokenizer = Tokenizer.trained(on: sample(), tokenCount: ModelPlan.tokenCount)
    let configuration = try ModelConfiguration(
      vocabularySize: tokenizer.tokenCount,
      hiddenSize: plan.hiddenSize,
      intermediateSize: plan.intermediateSize,
      layerCount: plan.layerCount,
      headCount: plan.headCount,
      contextLength: ModelPlan.contextLength,
      endToken: tokenizer.endOfTurn
    )
    return try .untrained(configuration: configuration, tokenizer: tokenizer, seed: seed)
  }

  private func sample() -> [String] {
    let forms: [Lesson.Form] = [.asked(.vanilla), .asked(.cot), .drill]
    return Family.allCases.flatMap { family in
      var stream = ExerciseStream(family, fold: .lessons, seed: seed, label: "vocabulary")
      return (0..<3000).flatMap { index in
        Lesson(family: family, form: forms[index % forms.count], weight: 1).chat(stream.next())
          .map { "\($0.role.rawValue)\n\($0.content)" }
      }
    }
  }
}
