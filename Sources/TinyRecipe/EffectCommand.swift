import ArgumentParser
import Primitives
import TinyLlama

/// `tiny-recipe effect`: what distillation does with a teacher and a student, by depth.
struct EffectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "effect",
    abstract: "Measures teacher and student, and the student tuned on the teacher's answers."
  )

  @Argument(help: "arithmetic or monotonicity.") var family: Family
  @Option(help: "Folder of the teacher.") var teacher: String
  @Option(help: "Folder of the student.") var student: String
  @Option(help: "Rows of the train split that the teacher labels.") var rows = 1000
  @Option(help: "Rows of the test split.") var testRows = 1000
  @Option(help: "Learning rate of the fine-tuning.") var learningRate = 1e-3
  @Option(help: "Epochs of the fine-tuning.") var epochs = 5
  @Option(help: "Seed of the fine-tuning.") var seed: Int64 = 0
  @Option(help: "Threads; never changes the result.") var threads = 2

  func run() async throws {
    let shipped = Family.shippedSeed
    let test = family.dataset(.test, rows: testRows, seed: shipped)
    let train = family.dataset(.train, rows: rows, seed: shipped)
    let teacher = try Checkpoint(folder: teacher)
    let student = try Checkpoint(folder: student)
    for style in Style.allCases {
      print("teacher, \(style): \(try await accuracy(teacher, test, style))")
    }
    print("student before: \(try await accuracy(student, test))")
    for style in Style.allCases {
      let labels = try await labels(of: teacher, train, style)
      let right = zip(labels, train).count { $0.0 == $0.1.label }
      let tuned = try await tune(student, train, labels)
      print(
        "student on the teacher's \(style) answers (\(right)/\(train.count) right): "
          + "\(try await accuracy(tuned, test))"
      )
    }
    let tuned = try await tune(student, train, train.map(\.label))
    print("student on the true labels: \(try await accuracy(tuned, test))")
  }

  private func accuracy(
    _ checkpoint: Checkpoint,
    _ exercises: [Exercise],
    _ style: Style = .vanilla
  ) async throws -> Accuracy {
    let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
    return try await Evaluation(engine: engine, style: style).accuracy(on: exercises, of: family)
  }

  private func labels(
    of teacher: Checkpoint,
    _ exercises: [Exercise],
    _ style: Style
  ) async throws -> [String?] {
    let engine = GenerationEngine(checkpoint: teacher, threads: threads)
    let evaluation = Evaluation(engine: engine, style: style)
    return try await evaluation.answers(to: exercises, of: family).map(evaluation.label)
  }

  /// Fine-tunes on the rows that have a label.
  private func tune(
    _ student: Checkpoint,
    _ exercises: [Exercise],
    _ labels: [String?]
  ) async throws -> Checkpoint {
    let examples = zip(exercises, labels).compactMap { exercise, label in
      label.map { label in
        TrainingExample(messages: [
          ChatMessage(.user, family.prompt(exercise, .vanilla)), ChatMessage(.assistant, label),
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
