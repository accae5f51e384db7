import ArgumentParser
import Lineage
import Primitives
import Store

/// Says how two runs differ.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show how two runs differ: settings, prompts, data, models, money, figures, rows.",
    discussion: """
      Instances are matched by their names and rows by their ids. Figures of scores are compared \
      over the rows that both runs scored, pair by pair, with a 95 % bootstrap interval of the \
      difference. The exit code is 0 whether the runs differ or not.
      """
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var first: String

  @Argument(help: "The run to compare with it.")
  var second: String

  @Flag(help: "List every row that was added, removed or flipped, not only the first.")
  var rows = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      try await LineageErrors.handled {
        let tracer = Tracer(store, RunRecords(store))
        let difference = try await RunComparison(store).compare(
          try await tracer.run(first),
          try await tracer.run(second)
        )
        if common.json { return Terminal.output(DiffJSON.json(difference)) }
        let text = DiffText(difference, allRows: rows)
        for line in text.lines { Terminal.output(line) }
      }
    }
  }
}
