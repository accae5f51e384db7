package import Primitives

/// A limit on everything that an account ever committed in this store.
package struct Budget: Hashable, Sendable {
  /// A workflow's name, or that of a run's own account: `Budget.run(id)`.
  package let account: String
  package let limit: Money

  package init(account: String, limit: Money) {
    self.account = account
    self.limit = limit
  }

  /// The account that a run has for itself.
  package static func run(_ id: String) -> String { "run:\(id)" }
}

/// Why a call or a job was not granted.
package struct BudgetShortfall: Hashable, Sendable {
  package let budget: Budget
  package let settled: Money
  package let reserved: Money
  /// The worst case of what was asked for; the largest amount if that is unknown.
  package let needed: Money
}

/// What an account has committed.
package struct Spending: Hashable, Sendable {
  /// Known costs.
  package var settled: Money
  /// Worst cases of what is under way, in doubt, given up for lost or skipped, or was answered
  /// without a known cost.
  package var reserved: Money
  /// Attempts and jobs of which neither the cost nor the worst case is known.
  package var unpriced: Int

  package init(settled: Money = .zero, reserved: Money = .zero, unpriced: Int = 0) {
    self.settled = settled
    self.reserved = reserved
    self.unpriced = unpriced
  }

  package var committed: Money { settled + reserved }

  /// What one attempt or job that may have cost something counts for.
  init(cost: Money?, reserved: Money?) {
    switch (cost, reserved) {
    case (let cost?, _): self.init(settled: cost)
    case (nil, let reserved?): self.init(reserved: reserved)
    case (nil, nil): self.init(unpriced: 1)
    }
  }

  static func + (left: Spending, right: Spending) -> Spending {
    Spending(
      settled: left.settled + right.settled,
      reserved: left.reserved + right.reserved,
      unpriced: left.unpriced + right.unpriced
    )
  }

  static func - (left: Spending, right: Spending) -> Spending {
    Spending(
      settled: left.settled - right.settled,
      reserved: left.reserved - right.reserved,
      unpriced: left.unpriced - right.unpriced
    )
  }

  static let none = Spending()
}
