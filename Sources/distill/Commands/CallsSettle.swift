import ArgumentParser
import ModelService
import Primitives
import Store

/// Settles calls in doubt by their user's word.
struct CallsSettle: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle",
    abstract: "Settle calls in doubt: let the next run send them again, or give them up.",
    discussion: """
      'resend' frees a call to be made again, at the price of perhaps paying twice. 'skip' records \
      it as skipped: it is not made again and its row has no answer. Either way the most that it \
      can have cost stays counted against the budget, since nobody knows whether it was paid.
      """
  )

  enum Settling: String, ExpressibleByArgument, CaseIterable {
    case resend, skip
  }

  @Argument(help: "Keys of calls in doubt, or beginnings of them.")
  var keys: [String] = []

  @Flag(help: "All calls in doubt.")
  var all = false

  @Option(help: "Only those of a run: its id, the start of it, or 'last'.")
  var run: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("What becomes of them: resend or skip.", valueName: "resend|skip")
  )
  var settling: Settling

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if keys.isEmpty, !all {
      throw ValidationError("name the calls to settle, or all of them with --all")
    }
    if !keys.isEmpty, all { throw ValidationError("--all settles every call: name none beside it") }
  }

  func run() async throws {
    try await StoreCommand.with(common, mode: .existing) { store in
      var settled: [InDoubtCall] = []
      for call in try await chosen(store) where try await settle(call, store.ledger) {
        settled.append(call)
      }
      report(settled)
    }
  }

  private func chosen(_ store: Store) async throws -> [InDoubtCall] {
    var doubts = try await store.ledger.inDoubt()
    if let run {
      let id = try await store.runs.find(run).id
      doubts = doubts.filter { $0.runID == id }
    }
    guard !all else { return doubts }
    return try keys.map { try only($0, among: doubts) }
  }

  /// The one call in doubt that a beginning of a key means.
  private func only(_ key: String, among doubts: [InDoubtCall]) throws -> InDoubtCall {
    let fitting = doubts.filter { !key.isEmpty && $0.key.hex.hasPrefix(key.lowercased()) }
    guard let first = fitting.first else {
      Terminal.error(
        "error: no call in doubt has a key that begins with '\(ForeignText.line(key))'\n"
          + "  hint: 'distill calls --state in-doubt' lists them"
      )
      throw ExitStatus.usage
    }
    guard fitting.count == 1 else {
      let shown = fitting.prefix(5).map { String($0.key.hex.prefix(CallText.keyDigits)) }
      Terminal.error(
        "error: \(fitting.count) calls in doubt begin with '\(key)': "
          + "\(shown.joined(separator: ", "))\n  hint: write more of the key"
      )
      throw ExitStatus.usage
    }
    return first
  }

  private func settle(_ call: InDoubtCall, _ ledger: Ledger) async throws -> Bool {
    switch settling {
    case .resend: try await ledger.allowResend(call)
    case .skip: try await ledger.skip(call, body: Answer(.skipped).json.canonical)
    }
  }

  private func report(_ settled: [InDoubtCall]) {
    guard !common.json else {
      return Terminal.output([
        "type": "settled", "version": 1, "as": .string(settling.rawValue),
        "keys": .array(settled.map { .string($0.key.hex) }),
      ])
    }
    for call in settled {
      Terminal.output("\(call.key.hex.prefix(CallText.keyDigits))  \(outcome)")
    }
    guard !common.quiet else { return }
    Terminal.error(
      settled.isEmpty
        ? "no call is in doubt: nothing to settle"
        : "\(Amounts.count(settled.count, "call")) settled; 'distill run' goes on with them"
    )
  }

  private var outcome: String { settling == .resend ? "will be sent again" : "skipped" }
}
