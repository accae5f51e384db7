import ArgumentParser
import Primitives

/// `tiny-recipe data`: a data set as JSONL.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Prints a data set of one family of tasks, one JSON object a line."
  )

  @Argument(help: "arithmetic or monotonicity.") var family: Family
  @Option(help: "train, validation, test, or lessons: no structure is in two.") var split: Fold
  @Option(help: "Seed of the rows.") var seed: Int64 = Family.shippedSeed
  @Option(help: "Number of rows; the shipped number if not given, of lessons 100.") var rows: Int?

  func validate() throws {
    if let rows, rows < 1 { throw ValidationError("'--rows' is \(rows); expected at least 1") }
  }

  func run() {
    let exercises = family.dataset(split, rows: rows ?? split.rows ?? 100, seed: seed)
    for (index, exercise) in exercises.enumerated() {
      print(exercise.row(id: "\(split)-\(index + 1)").compactText)
    }
  }
}

extension Family: ExpressibleByArgument {}
extension Fold: ExpressibleByArgument {}
