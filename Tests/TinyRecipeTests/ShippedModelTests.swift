import Foundation
import TestSupport
import Testing
import TinyLlama
import tiny_recipe

/// The checkpoints in `workflows/models`: small, whole, and with the effect in them.
@Suite("Shipped models")
struct ShippedModelTests {
  private func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint(folder: "\(ProjectFolder.path)/workflows/models/\(name)")
  }

  @Test(
    "both load, write back the same bytes and are small",
    arguments: [("tiny-teacher", 8 << 20), ("tiny-student", 2 << 20)]
  )
  func sizes(name: String, limit: Int) throws {
    let checkpoint = try checkpoint(name)
    #expect(checkpoint.files().reduce(0) { $0 + $1.bytes.count } <= limit)
    for (file, bytes) in checkpoint.files() {
      let path = "\(ProjectFolder.path)/workflows/models/\(name)/\(file)"
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).elementsEqual(bytes), "\(file)")
    }
  }

  private func percent(_ checkpoint: Checkpoint, _ family: Family, _ style: Style, rows: Int)
    async throws -> Double
  {
    let exercises = Array(family.dataset(.test, rows: rows, seed: Family.shippedSeed))
    let evaluation = Evaluation(engine: GenerationEngine(checkpoint: checkpoint), style: style)
    return try await evaluation.accuracy(on: exercises, of: family).percent
  }

  @Test("the teacher answers better in steps", arguments: Family.allCases)
  func steps(family: Family) async throws {
    let teacher = try checkpoint("tiny-teacher")
    let straight = try await percent(teacher, family, .vanilla, rows: 200)
    let steps = try await percent(teacher, family, .cot, rows: 200)
    #expect(steps >= straight + 20, "\(straight) % straight, \(steps) % in steps")
  }

  @Test("fine-tuning helps the student")
  func tuning() async throws {
    let student = try checkpoint("tiny-student")
    let family = Family.arithmetic
    let examples = family.dataset(.train, rows: 400, seed: Family.shippedSeed).map { exercise in
      TrainingExample(messages: [
        ChatMessage(.user, family.prompt(exercise, .vanilla)),
        ChatMessage(.assistant, exercise.label),
      ])
    }
    let tuned = try await student.fineTuned(
      on: examples,
      options: FineTuneOptions(epochs: 5, learningRate: 5e-4)
    )
    let before = try await percent(student, family, .vanilla, rows: 300)
    let after = try await percent(tuned.checkpoint, family, .vanilla, rows: 300)
    #expect(after >= before + 10, "\(before) % before, \(after) % after")
  }
}
