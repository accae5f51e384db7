import Primitives
import Store
import TestSupport
import Testing

/// What `distill calls` is made of.
@Suite struct ListingTests {
  @Test func doubtComesFirstThenWhatIsUnderWay() async throws {
    let test = try await filled()
    let calls = try await test.store.ledger.calls(limit: 20)
    #expect(
      calls.map(\.state) == [
        .inDoubt, .inBatch, .open, .recorded(.answered), .free, .recorded(.truncated),
        .recorded(.answered),
      ]
    )
    #expect(
      calls.map(\.key)
        == ["doubtful", "batched", "open", "answered", "free", "cut", "other"].map {
          Digest(of: $0)
        }
    )
    #expect(calls.map(\.attempts) == [2, 1, 1, 2, 1, 1, 1])
    #expect(calls[0].reserved == Money(usd: 0.2))
    #expect(calls[0].endedAt == nil)
    #expect(calls[3].cost == Money(usd: 0.1))
    #expect(calls[3].tokens == TokenCounts(prompt: 7, completion: 3))
    #expect(calls[3].servedModel == "served-1")
    #expect(calls[3].runID == "run-2", "the answer that counts is the later one")
    #expect(calls[3].account == "w")
  }

  @Test func pagesAddUpToTheList() async throws {
    let test = try await filled()
    let all = try await test.store.ledger.calls(limit: 20)
    for limit in 1...4 {
      var pages: [CallSummary] = []
      while true {
        let page = try await test.store.ledger.calls(after: pages.last?.position, limit: limit)
        #expect(page.count <= limit)
        if page.isEmpty { break }
        pages += page
      }
      #expect(pages == all)
    }
  }

  @Test func filtersNarrowIt() async throws {
    let test = try await filled()
    let ledger = test.store.ledger
    func keys(_ filter: CallFilter) async throws -> [Digest] {
      try await ledger.calls(filter, limit: 20).map(\.key)
    }
    func digests(_ names: String...) -> [Digest] { names.map { Digest(of: $0) } }
    #expect(try await keys(CallFilter(states: [.inDoubt])) == digests("doubtful"))
    #expect(try await keys(CallFilter(states: [.open, .inBatch])) == digests("batched", "open"))
    #expect(try await keys(CallFilter(states: [.free])) == digests("free"))
    #expect(
      try await keys(CallFilter(states: [.recorded(.answered), .inDoubt]))
        == digests("doubtful", "answered", "other")
    )
    #expect(try await keys(CallFilter(states: [.recorded(.looped)])).isEmpty)
    #expect(try await keys(CallFilter(runID: "run-2")) == digests("doubtful", "answered"))
    #expect(try await keys(CallFilter(runID: "run-9")).isEmpty)
    #expect(try await keys(CallFilter(model: "other://model")) == digests("other"))
    #expect(try await keys(CallFilter(model: "unknown")).isEmpty)
    let prefix = String(Digest(of: "cut").hex.prefix(9))
    #expect(try await keys(CallFilter(keyPrefix: prefix)) == digests("cut"))
    #expect(try await keys(CallFilter(states: [.inDoubt], keyPrefix: prefix)).isEmpty)
    let doubtful = String(Digest(of: "doubtful").hex.prefix(9))
    #expect(try await keys(CallFilter(keyPrefix: doubtful)) == digests("doubtful"))
    #expect(try await keys(CallFilter(keyPrefix: "no digits")).isEmpty)
    #expect(
      try await keys(
        CallFilter(states: [.recorded(.answered)], runID: "run-2", model: "test://model")
      )
        == digests("answered")
    )
  }

  @Test func oneCallIsShownWhole() async throws {
    let test = try await filled()
    let ledger = test.store.ledger
    let detail = try await ledger.callDetail(String(Digest(of: "answered").hex.prefix(8)))
    #expect(detail.request == Array("request of answered".utf8))
    #expect(detail.attempts.map(\.outcome) == ["answered", "answered"])
    #expect(detail.attempts.map(\.body) == [Array("old".utf8), Array("new".utf8)])
    #expect(detail.attempts.map(\.cost) == [Money(usd: 0.1), Money(usd: 0.1)])
    #expect(detail.attempts.map(\.runID) == ["run-1", "run-2"])
    #expect(detail.summary.attempts == 2)
    let doubtful = try await ledger.callDetail(Digest(of: "doubtful").hex)
    #expect(doubtful.attempts.map(\.outcome) == ["lost", nil])
    #expect(doubtful.attempts.map(\.body) == [nil, nil])
    #expect(doubtful.attempts.map(\.reserved) == [Money(usd: 0.2), Money(usd: 0.2)])
  }

  @Test func aPrefixOfNoneOrSeveralIsNamed() async throws {
    let test = try await filled()
    await #expect(throws: StoreError.noSuchCall("0123456789")) {
      _ = try await test.store.ledger.callDetail("0123456789")
    }
    let error = await #expect(throws: StoreError.self) {
      _ = try await test.store.ledger.callDetail("")
    }
    guard case .ambiguousCall("", let candidates) = error else {
      Issue.record("expected an ambiguous prefix, found \(String(describing: error))")
      return
    }
    #expect(candidates.count == 5)
  }

  @Test func sumsAreByStateAndModel() async throws {
    let test = try await filled()
    let sums = try await test.store.ledger.callSums()
    func line(_ sum: CallSum) -> String {
      "\(sum.state) \(sum.model) \(sum.attempts) \(sum.tokens.prompt ?? -1) \(sum.cost.usd) "
        + "\(sum.reserved.usd) \(sum.unpriced)"
    }
    #expect(
      sums.map(line) == [
        "in-batch test://model 1 -1 0.0 0.2 0", "in-doubt test://model 1 -1 0.0 0.2 0",
        "open test://model 1 -1 0.0 0.2 0", "answered other://model 1 7 0.1 0.0 0",
        "answered test://model 2 14 0.2 0.0 0", "declined test://model 1 -1 0.0 0.0 0",
        "lost test://model 1 -1 0.0 0.2 0", "truncated test://model 1 7 0.1 0.0 0",
      ]
    )
    let second = try await test.store.ledger.callSums(runID: "run-2")
    #expect(second.map(\.state) == ["in-doubt", "answered"])
    #expect(try await test.store.ledger.callSums(runID: "run-9").isEmpty)
  }

  @Test(arguments: CallState.all)
  func everyStateHasAName(_ state: CallState) {
    #expect(CallState(name: state.name) == state)
    #expect(CallState(name: state.name + "x") == nil)
  }

  @Test func aReaderSeesItAll() async throws {
    let test = try await filled()
    let reader = try await test.another(.readOnly)
    #expect(try await reader.ledger.calls(limit: 20) == test.store.ledger.calls(limit: 20))
    #expect(try await reader.ledger.callSums() == test.store.ledger.callSums())
  }

  // MARK: A ledger of everything

  /// One call of each state; one was answered twice, one was in doubt twice.
  private func filled() async throws -> TestStore {
    let test = try await TestStore()
    let ledger = test.store.ledger
    try await settle(ledger, try await grant(ledger, "answered"), "old")
    try await settle(ledger, try await grant(ledger, "answered", run: "run-2"), "new")
    try await ledger.release(try await grant(ledger, "free"), .declined)
    for run in ["run-1", "run-2"] {
      try await ledger.leaveInDoubt(try await grant(ledger, "doubtful", run: run), detail: nil)
    }
    try await settle(ledger, try await grant(ledger, "cut"), "cu", .truncated)
    _ = try await ledger.claimBatch(
      [request("batched", "run-1", "test://model")],
      key: Digest(of: "batch"),
      model: "test://model",
      runID: "run-1"
    )
    try await settle(ledger, try await grant(ledger, "other", model: "other://model"), "yes")
    _ = try await grant(ledger, "open")
    return test
  }

  private func request(_ name: String, _ run: String, _ model: String) -> CallRequest {
    CallRequest(
      key: Digest(of: name),
      model: model,
      request: Array("request of \(name)".utf8),
      runID: run,
      reserve: Money(usd: 0.2),
      account: "w"
    )
  }

  private func grant(
    _ ledger: Ledger,
    _ name: String,
    run: String = "run-1",
    model: String = "test://model"
  ) async throws -> Attempt {
    let claim = try await ledger.claim(
      request(name, run, model),
      fresh: true,
      resendInDoubt: true
    )
    return try #require(claim.attempt)
  }

  private func settle(
    _ ledger: Ledger,
    _ attempt: Attempt,
    _ text: String,
    _ outcome: Outcome = .answered
  ) async throws {
    try await ledger.settle(
      attempt,
      outcome,
      body: Array(text.utf8),
      servedModel: "served-1",
      tokens: TokenCounts(prompt: 7, completion: text.utf8.count),
      cost: Money(usd: 0.1)
    )
  }
}
