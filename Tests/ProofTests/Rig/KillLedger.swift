import Foundation
import Primitives
import Testing

/// Accounts for one store whose runs are killed: what promise P1 says of every kill, and of the end.
struct KillLedger {
  let project: Project
  let server: TollServer
  let witness: Witness
  let cache: String
  /// Calls in flight at most.
  let concurrency: Int
  /// Where the server's account of this store begins.
  private let start: Int
  /// Every call seen so far, with its idempotency key.
  private var idempotency: [String: String] = [:]
  private(set) var recorded: Set<String> = []
  /// The attempts of each call that a kill left in doubt.
  private(set) var doubts: [String: Set<Int>] = [:]
  /// How long the server's account was when a call was first seen recorded.
  private var recordedAt: [(calls: Set<String>, bytes: Int)] = []

  init(
    _ project: Project,
    _ server: TollServer,
    _ witness: Witness,
    cache: String,
    concurrency: Int
  ) {
    self.project = project
    self.server = server
    self.witness = witness
    self.cache = cache
    self.concurrency = concurrency
    start = server.bytes
  }

  /// Looks at the store right after a kill, before anything recovers it.
  mutating func afterKill(_ place: Comment) throws {
    let view = try witness.view(cache: project.cache(cache))
    #expect(view.integrity == "ok" || view.calls.isEmpty, place)
    #expect(view.recorded.isSuperset(of: recorded), "\(place): a recorded call is gone")
    recordedAt.append((view.recorded.subtracting(recorded), server.bytes))
    recorded = view.recorded
    let before = doubtful
    for (key, attempt) in view.claims { doubts[key, default: []].insert(attempt) }
    // Besides, the list may hold what an earlier kill left and nobody has sent again.
    #expect(doubtful - before <= concurrency, "\(place): \(doubtful - before) put in doubt")
    idempotency.merge(view.calls) { $1 }

    // What was charged and is not recorded is in doubt, or the charge would be lost sight of.
    let charged = Set(try server.entries(from: start).charges.keys)
    let known = Set(view.recorded.union(view.claimed).compactMap { idempotency[$0] })
    #expect(charged.isSubset(of: known), "\(place): a charge that the ledger knows nothing of")
    // A store that was killed before it was whole has no list to ask for.
    if FileManager.default.fileExists(atPath: "\(project.cache(cache))/ledger.sqlite") {
      #expect(try project.inDoubt(cache: cache) == view.claimed, "\(place): the tool's list")
    }
  }

  /// How many attempts kills left in doubt.
  var doubtful: Int { doubts.values.reduce(0) { $0 + $1.count } }

  /// Settles the account of a store whose last run succeeded; gives the charges beyond one a call.
  ///
  /// There are as many calls as rows. A server that honours keys charges one idempotency key once.
  @discardableResult
  func settle(rows: Int, honoursKeys: Bool, _ place: Comment) throws -> Int {
    let view = try witness.view(cache: project.cache(cache))
    #expect(view.recorded.count == rows, place)
    #expect(view.claimed.isEmpty, place)
    let charges = try server.entries(from: start).charges
    let total = charges.values.reduce(0, +)
    #expect(charges.count == rows, "\(place): \(charges.count) calls were charged")
    for (key, name) in view.calls {
      let most = honoursKeys ? 1 : 1 + doubts[key, default: []].count
      #expect((1...most).contains(charges[name] ?? 0), "\(place): call \(key)")
    }
    #expect(total - rows <= (honoursKeys ? 0 : doubtful), place)
    try noneSentAgain(place)
    return total - rows
  }

  /// Whether nothing came again for a call once it was seen recorded.
  private func noneSentAgain(_ place: Comment) throws {
    for (calls, bytes) in recordedAt where !calls.isEmpty {
      let names = Set(calls.compactMap { idempotency[$0] })
      let again = try server.entries(from: bytes).filter { names.contains($0.idempotencyKey ?? "") }
      #expect(again.isEmpty, "\(place): \(again.count) recorded calls were sent again")
    }
  }
}
