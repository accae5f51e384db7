import ArgumentParser
import Primitives

/// `tiny-recipe data`: rows of word problems as JSONL.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Prints word problems, one JSON object a line."
  )

  @Option(help: "Seed of the problems.") var seed: Int64 = TinyRecipe.seed
  @Option(help: "Number of rows; the shipped number if not given.") var rows: Int?
  @Option(help: "train, validation or test; no question is in two.") var split: String

  func validate() throws {
    let names = Splits.sizes.map(\.name)
    guard names.contains(split) else {
      throw ValidationError("split '\(split)' is unknown; expected one of \(names.sorted())")
    }
    if let rows, rows < 1 { throw ValidationError("'--rows' is \(rows); expected at least 1") }
  }

  func run() {
    let shipped = Splits.sizes.first { $0.name == split }?.rows ?? 0
    let problems = Splits.problems(split, rows: rows ?? shipped, seed: seed)
    for (index, problem) in problems.enumerated() {
      print(problem.row(id: "\(split)-\(index + 1)").compactText)
    }
  }
}
