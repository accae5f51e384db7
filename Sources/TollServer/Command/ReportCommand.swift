import ArgumentParser
import Primitives

/// `toll-server report`: what a ledger's clients were charged, and what twice.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Sums up a ledger; also while its server runs."
  )

  @Argument(help: "File of the charges.") var ledger: String
  @Flag(help: "One JSON object.") var json = false
  @Option(
    name: .customLong("price"),
    help: "USD per million tokens: IN/OUT[/TRAINING], or MODEL=IN/OUT[/TRAINING]."
  )
  var prices: [String] = []

  func run() throws {
    guard let prices = PriceTable(prices) else {
      throw ValidationError("a '--price' is not of the form IN/OUT[/TRAINING], with MODEL= or not")
    }
    var report = LedgerReport(prices: prices)
    try LedgerReader.read(ledger) { report.take($0) }
    print(json ? report.json.compactText : report.text)
  }
}
