package import Primitives

/// How much is in a store.
package struct StoreStats: Hashable, Sendable {
  package struct Attempts: Hashable, Sendable {
    package let count: Int
    /// Sums over the attempts whose counts or cost are known.
    package let promptTokens: Int
    package let completionTokens: Int
    package let cost: Money
  }

  package let objects: Int
  package let objectBytes: Int
  package let results: Int
  package let runs: Int
  package let calls: Int
  /// Calls without an answer that nobody alive is making.
  package let inDoubt: Int
  /// By outcome; `open` for those under way or in doubt.
  package let attempts: [String: Attempts]
  package let jobs: Int
  /// Sizes of the database files, with what their logs hold.
  package let indexBytes: Int
  package let ledgerBytes: Int
}
