import ArgumentParser

/// `toll-server faults`: every fault with what it does and whether it charges, as Markdown.
struct FaultsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "Lists the faults that scripts and prompts can ask for."
  )

  func run() {
    print("| fault | charges | what happens |")
    print("|---|---|---|")
    for name in FaultName.allCases {
      print("| `\(name.rawValue)` | \(name.charges ? "yes" : "no") | \(name.summary) |")
    }
  }
}
