import ArgumentParser
import Primitives
import TinyLlama

/// `tiny-recipe effect`: what distillation does with a teacher and a student.
struct EffectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "effect",
    abstract: "Measures teacher and student, and the student tuned on the teacher's answers."
  )

  @Option(help: "Folder of the teacher.") var teacher: String
  @Option(help: "Folder of the student.") var student: String
  @Option(help: "Rows of the train split that the teacher labels.") var rows = 600
  @Option(help: "Rows of the test split.") var testRows = 200
  @Option(help: "Learning rate of the fine-tuning.") var learningRate = 1e-3
  @Option(help: "Epochs of the fine-tuning.") var epochs = 5
  @Option(help: "Seed of the fine-tuning.") var seed: Int64 = 0
  @Option(help: "Threads; never changes the result.") var threads = 2

  func run() async throws {
    let seed = TinyRecipe.seed
    let test = Splits.problems("test", rows: testRows, seed: seed)
    let train = Splits.problems("train", rows: rows, seed: seed)
    let teacher = GenerationEngine(checkpoint: try Checkpoint(folder: teacher), threads: threads)
    let student = try Checkpoint(folder: student)
    for style in [Style.vanilla, .cot] {
      let evaluation = Evaluation(engine: teacher, style: style)
      print("teacher, \(style): \(try await evaluation.accuracy(on: test))")
    }
    print("student before: \(try await accuracy(student, test))")
    print("student, asked in words it knows: \(try await accuracy(student, test, .exact))")
    for style in [Style.vanilla, .cot] {
      let evaluation = Evaluation(engine: teacher, style: style)
      let answers = try await evaluation.answers(to: train)
      let labels = answers.map { evaluation.number(in: $0) }
      let right = zip(labels, train).count { $0.0 == $0.1.answer }
      let tuned = try await tune(student, train, labels)
      print(
        "student on the teacher's \(style) answers (\(right)/\(train.count) right): "
          + "\(try await accuracy(tuned, test))"
      )
    }
    let tuned = try await tune(student, train, train.map(\.answer))
    print("student on the true answers: \(try await accuracy(tuned, test))")
  }

  private func accuracy(
    _ checkpoint: Checkpoint,
    _ problems: [Problem],
    _ style: Style = .vanilla
  ) async throws -> Accuracy {
    let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
    return try await Evaluation(engine: engine, style: style).accuracy(on: problems)
  }

  /// Fine-tunes on the rows that have a label.
  private func tune(
    _ student: Checkpoint,
    _ problems: [Problem],
    _ labels: [Int?]
  ) async throws -> Checkpoint {
    let examples = zip(problems, labels).compactMap { problem, label in
      label.map { label in
        TrainingExample(
          messages: [
            Style.vanilla.prompt(problem.question), ChatMessage(.assistant, String(label)),
          ])
      }
    }
    let options = FineTuneOptions(
      epochs: epochs,
      learningRate: learningRate,
      seed: seed,
      threads: threads
    )
    return try await student.fineTuned(on: examples, options: options).checkpoint
  }
}
