import Primitives
import Store

extension EndpointStop {
  /// The server asks for a longer wait than the policy allows.
  ///
  /// - Parameters:
  ///   - endpoint: Who asks.
  ///   - message: What it said.
  ///   - wait: How long it wants not to be asked.
  ///   - now: Seconds since 1970, UTC.
  /// - Returns: A pause with the moment in UTC and the time until then.
  static func longWait(
    _ endpoint: ModelEndpoint,
    _ message: String,
    _ wait: Duration,
    now: Int64
  ) -> EndpointStop {
    let moment = HTTPDate.text(now + wait.components.seconds)
    return EndpointStop(
      .rateLimit,
      "\(endpoint.name) \(message), and asks to wait \(wait.shown), until \(moment)",
      hint: "run again after that; what was answered is kept"
    )
  }

  /// The server has refused for too long, without saying how long it will go on to.
  static func neverReady(
    _ endpoint: ModelEndpoint,
    _ message: String,
    after waited: Duration
  ) -> EndpointStop {
    EndpointStop(
      .rateLimit,
      "\(endpoint.name) \(message), and has done so for \(waited.shown)",
      hint:
        "run again later, or lower 'concurrency' in the model's limits; what was answered is kept"
    )
  }

  /// A server that nobody can reach is not tried anew by every row.
  static func unreachable(_ endpoint: ModelEndpoint, _ message: String) -> EndpointStop {
    EndpointStop(
      .unreachable,
      "\(endpoint.name) cannot be reached: \(message)",
      hint: "nothing was sent; see whether the server runs and 'base_url' is right, then run again"
    )
  }

  /// The next call could go beyond a budget.
  static func budget(_ shortfall: BudgetShortfall) -> EndpointStop {
    let isRun = shortfall.budget.account.hasPrefix(Budget.run(""))
    let name = isRun ? "the limit of this run" : "the budget of '\(shortfall.budget.account)'"
    let settled = "\(shortfall.settled) spent"
    let reserved =
      shortfall.reserved > .zero
      ? " and \(shortfall.reserved) reserved for calls whose cost is not known" : ""
    return EndpointStop(
      .budget,
      "\(name) is used up: \(settled)\(reserved) of \(shortfall.budget.limit), and the next call may "
        + "cost \(shortfall.needed)",
      hint: (isRun ? "run again with a higher --max-cost" : "raise 'budget' and run again")
        + "; what was answered is kept and not paid for again"
        + (reserved.isEmpty ? "" : "; 'distill calls' lists what is reserved")
    )
  }
}
