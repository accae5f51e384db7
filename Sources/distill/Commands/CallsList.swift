import ArgumentParser
import Primitives
import Store

/// Lists calls.
struct CallsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List calls, those in doubt first."
  )

  @Option(help: "Only calls of a run: its id, the start of it, or 'last'.")
  var run: String?

  @Option(help: "Only calls to a model, by the name that the endpoint gives it.")
  var model: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Only calls in a state; may be given several times.",
      valueName: "state"
    )
  )
  var state: [StateName] = []

  @Option(help: "How many at most; 0 for all.")
  var limit = 50

  @OptionGroup var common: CommonOptions

  /// A state as lists name it.
  struct StateName: ExpressibleByArgument {
    let state: CallState

    init?(argument: String) {
      guard let state = CallState(name: argument) else { return nil }
      self.state = state
    }

    static var allValueStrings: [String] { CallState.all.map(\.name) }
  }

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit wants 0 or more, not \(limit)") }
  }

  func run() async throws {
    try await StoreCommand.with(common) { store in
      var filter = CallFilter()
      if !state.isEmpty { filter.states = Set(state.map(\.state)) }
      if let run { filter.runID = try await store.runs.find(run).id }
      let pages = try await filters(filter, store).map {
        CallPages(ledger: store.ledger, filter: $0)
      }
      if common.json { try await printJSON(pages) } else { try await printLines(pages, store) }
    }
  }

  /// The filter, once for each identity that the model's name may mean.
  private func filters(_ filter: CallFilter, _ store: Store) async throws -> [CallFilter] {
    guard let model else { return [filter] }
    let known = Set(try await store.ledger.callSums().map(\.model)).sorted()
    let meant = known.filter { ModelName.fits($0, model) }
    guard !meant.isEmpty else {
      let names = Set(known.map(ModelName.short)).sorted().map { "'\($0)'" }
      Terminal.error(
        "error: no call was made to a model '\(ForeignText.line(model))'\n  hint: "
          + (names.isEmpty
            ? "there are no calls yet" : "there are \(names.joined(separator: ", "))")
      )
      throw ExitStatus.usage
    }
    return meant.map { identity in
      var filter = filter
      filter.model = identity
      return filter
    }
  }

  private func printLines(_ pages: [CallPages], _ store: Store) async throws {
    var shown = 0
    for pages in pages {
      shown += try await pages.each(upTo: remaining(shown)) { Terminal.output(CallText.line($0)) }
    }
    guard !common.quiet else { return }
    if shown == 0 { Terminal.error("no such calls") }
    if limit > 0, shown == limit {
      Terminal.error("the first \(limit); --limit 0 lists all")
    }
    try await sums(store)
  }

  /// What all calls of the store, or of the run, come to.
  private func sums(_ store: Store) async throws {
    let id = try await runID(store)
    for line in CallSumText.lines(try await store.ledger.callSums(runID: id)) {
      Terminal.error(line)
    }
  }

  private func runID(_ store: Store) async throws -> String? {
    guard let run else { return nil }
    return try await store.runs.find(run).id
  }

  private func printJSON(_ pages: [CallPages]) async throws {
    var calls: [JSON] = []
    for pages in pages {
      try await pages.each(upTo: remaining(calls.count)) { calls.append(CallText.json($0)) }
    }
    Terminal.output([
      "type": "calls", "version": 1, "calls": .array(calls),
      "more": .bool(limit > 0 && calls.count == limit),
    ])
  }

  private func remaining(_ shown: Int) -> Int { limit == 0 ? .max : limit - shown }
}

/// The calls that fit a filter, some at a time: a store may hold millions.
struct CallPages {
  let ledger: Ledger
  let filter: CallFilter

  /// Goes through at most so many.
  ///
  /// - Returns: How many there were.
  @discardableResult
  func each(upTo most: Int, _ body: (CallSummary) -> Void) async throws -> Int {
    var count = 0
    var last: CallPosition?
    while count < most {
      let size = min(500, most - count)
      let page = try await ledger.calls(filter, after: last, limit: size)
      for call in page { body(call) }
      count += page.count
      last = page.last?.position
      guard page.count == size else { break }
    }
    return count
  }
}
