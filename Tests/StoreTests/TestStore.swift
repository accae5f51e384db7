import Primitives
import Store
import TestSupport

/// A store in a folder of its own.
struct TestStore {
  let folder: TemporaryFolder
  let store: Store
  var path: String { "\(folder.path)/cache" }

  init() async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
  }

  /// Another process towards the same store: a token and locks of its own.
  func another(_ mode: Store.Mode = .existing) async throws -> Store {
    try await Store.open(at: path, mode: mode)
  }
}

/// A call whose key is the digest of its name.
func call(_ name: String, run: String? = "run-1") -> CallRequest {
  CallRequest(
    key: Digest(of: name),
    model: "test://model",
    request: Array(#"{"prompt":"\#(name)"}"#.utf8),
    runID: run
  )
}

extension Claim {
  var attempt: Attempt? { if case .granted(let attempt) = self { attempt } else { nil } }
  var answer: RecordedAnswer? { if case .recorded(let answer) = self { answer } else { nil } }
  var doubt: InDoubtCall? { if case .inDoubt(let call) = self { call } else { nil } }
  var shortfall: BudgetShortfall? { if case .overBudget(let found) = self { found } else { nil } }
  var batch: RemoteJob? { if case .inBatch(let job) = self { job } else { nil } }
  var isHeldByOther: Bool { if case .heldByOther = self { true } else { false } }
}

extension Ledger {
  /// Settles with the text as an answer and counts that are its length.
  @discardableResult
  func settle(_ attempt: Attempt, text: String) async throws -> RecordedAnswer {
    try await settle(
      attempt,
      .answered,
      body: Array(text.utf8),
      servedModel: "served-1",
      tokens: TokenCounts(prompt: 7, completion: text.utf8.count)
    )
  }
}
