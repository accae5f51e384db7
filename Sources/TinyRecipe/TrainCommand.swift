import ArgumentParser
import Foundation
import Primitives
import TinyLlama

/// `tiny-recipe train`: one of the models, from nothing.
struct TrainCommand: ParsableCommand {
  /// Which model.
  enum Role: String, ExpressibleByArgument, CaseIterable {
    case teacher, student
  }

  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the teacher or the student and writes its folder."
  )

  @Argument(help: "teacher or student.") var role: Role
  @Option(help: "Folder to write the checkpoint to.") var out: String
  @Option(help: "Seed of weights and problems.") var seed: Int64 = TinyRecipe.seed
  @Option(help: "Threads; never changes the result.") var threads = 2
  @Option(help: "Steps to train, for trying the recipe out; the plan's if not given.")
  var steps: Int?

  func run() throws {
    var plan = role == .teacher ? RecipePlan.teacher : RecipePlan.student
    if let steps { plan.steps = steps }
    let training = Pretraining(
      plan: plan,
      seed: seed,
      threads: threads,
      heldOut: Splits.questions(seed: TinyRecipe.seed)
    )
    var sum = 0.0
    let checkpoint = try training.run { step, loss in
      sum += loss
      if step.isMultiple(of: 100) {
        printProgress("step \(step) of \(plan.steps): loss \(Float(sum / 100))")
        sum = 0
      }
    }
    try checkpoint.write(to: out)
    print("\(checkpoint.parameterCount) parameters, digest \(checkpoint.digest.hex)")
  }
}

/// Says how far things are; to standard error, which is not buffered.
func printProgress(_ line: String) {
  FileHandle.standardError.write(Data("\(line)\n".utf8))
}
