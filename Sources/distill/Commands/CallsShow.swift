import ArgumentParser
import Primitives
import Store

/// Shows one call.
struct CallsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a call: its request, every attempt, the answer, the price."
  )

  @Argument(help: "The call's key or the beginning of it.")
  var key: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let detail = try await store.ledger.callDetail(key)
      if common.json { return Terminal.output(CallDetailText.json(detail)) }
      for line in CallDetailText.lines(detail) { Terminal.output(line) }
    }
  }
}
