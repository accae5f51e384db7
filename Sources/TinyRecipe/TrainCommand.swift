import ArgumentParser
import Foundation
import Primitives
import TinyLlama

/// `tiny-recipe train`: one of the models, from nothing.
struct TrainCommand: ParsableCommand {
  /// Which model.
  enum Role: String, ExpressibleByArgument, CaseIterable {
    case teacher, student

    var plan: ModelPlan {
      switch self {
      case .teacher: .teacher
      case .student: .student
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the teacher or the student and writes its folder."
  )

  @Argument(help: "teacher or student.") var role: Role
  @Option(help: "Folder to write the checkpoint to.") var out: String
  @Option(help: "Seed of weights and lessons.") var seed: Int64 = Family.shippedSeed
  @Option(help: "Threads; never changes the result.") var threads = 2
  @Option(help: "Steps to train, for trying the recipe out; the plan's if not given.")
  var steps: Int?

  func run() throws {
    var plan = role.plan
    if let steps { plan.steps = steps }
    var sum = 0.0
    let checkpoint = try Pretraining(plan: plan, seed: seed, threads: threads).run { step, loss in
      sum += loss
      guard step.isMultiple(of: 100) else { return }
      printProgress("step \(step) of \(plan.steps): loss \(Float(sum / 100))")
      sum = 0
    }
    try checkpoint.write(to: out)
    print("\(checkpoint.parameterCount) parameters, digest \(checkpoint.digest.hex)")
  }

  /// Says how far things are; to standard error, which is not buffered.
  private func printProgress(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
