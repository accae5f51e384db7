package import Store
import Synchronization

/// The calls of one endpoint on their way out: who may go next, and whether it is still of use.
///
/// Calls go in the order in which they first asked, so one that is asked again goes before those
/// that came later. Whether the first may go is the `Governor`'s to say, on rates that all
/// processes share. Who finds a place free is given it without waiting for anybody.
package final class Lane: Sendable {
  package typealias Permit = Governor.Permit

  struct Waiter {
    let ticket: UInt64
    let tokens: Int
    let continuation: CheckedContinuation<Permit, any Error>
  }

  struct State: ~Copyable {
    /// By ticket.
    var queue: [Waiter] = []
    /// The first, once it has a place: it waits for its moment, and everybody waits behind it.
    var pending: (waiter: Waiter, permit: Permit)?
    var inFlight = 0
    /// When a call was last answered, in nanoseconds.
    var answeredAt: Int64?
    var nextTicket: UInt64 = 0
    /// Tickets of tasks that were cancelled before they came to wait.
    var cancelled: Set<UInt64> = []
    var failure: (any Error)?
    /// Whether the others know of this lane's waiting.
    var isWaiting = false
    /// The shared moment before which nothing goes, and this process's own, a little later.
    var floor: (shared: Int64, own: Int64)
    var timer: (deadline: Int64, task: Task<Void, Never>)?
  }

  /// Processes that start together would arrive together.
  static let longestFirstDelay: Int64 = 250_000_000
  /// How often a place that others hold is looked for.
  static let lookForPlaceEvery: Int64 = 20_000_000

  let governor: Governor
  let page: RatePage
  let time: Timekeeper
  let state: Mutex<State>
  private let served = Mutex<[String]>([])

  /// - Parameters:
  ///   - limits: What the user allows.
  ///   - page: The model's rates.
  ///   - startsSpread: Whether the first call is delayed a little, at random.
  ///   - time: The clock.
  package init(_ limits: CallLimits, page: RatePage, startsSpread: Bool, time: Timekeeper) {
    governor = Governor(limits: limits)
    self.page = page
    self.time = time
    let delay = startsSpread ? Int64(time.jitter() * Double(Self.longestFirstDelay)) : 0
    state = Mutex(State(floor: (shared: 0, own: time.nanoseconds + delay)))
  }

  deinit { state.withLock { $0.timer?.task.cancel() } }

  /// A place in the order of calls, kept by a call through all of its sendings.
  package func ticket() -> UInt64 {
    state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
  }

  /// Waits for the right to send; it is to be given back by `release`.
  ///
  /// - Throws: `CancellationError` while it waits, or what `fail` was given.
  package func acquire(tokens: Int, ticket: UInt64) async throws -> Permit {
    if let permit = try acquireAtOnce(tokens) { return permit }
    defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(Waiter(ticket: ticket, tokens: tokens, continuation: continuation))
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  /// Gives a permit back, with what became of its call, and lets the next go.
  package func release(_ permit: Permit, _ report: SendReport) {
    perform { state, rates in
      state.inFlight -= 1
      if case .answered = report.effect { state.answeredAt = rates.now }
      settle(permit, report, &rates)
      return pump(&state, &rates)
    }
  }

  /// Lets everybody who waits, now and later, fail with the error; the first one counts.
  package func fail(_ error: any Error) {
    perform { state, rates in
      if state.failure == nil { state.failure = error }
      let waiters = state.queue + (withdraw(&state, &rates).map { [$0] } ?? [])
      state.queue = []
      stopWaiting(&state, &rates)
      return waiters.map { .init(waiter: $0, result: .failure(error)) }
    }
  }

  /// Whether a call was answered since a moment of the clock.
  func hasAnswers(since moment: Duration) -> Bool {
    state.withLock { $0.answeredAt.map { $0 >= moment.wholeNanoseconds } ?? false }
  }

  /// Throws what `fail` was given, if anything.
  func check() throws {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  // MARK: The model's name

  /// Notes the model as the server named it.
  ///
  /// - Returns: The name it had before, if this one is new.
  func note(servedModel name: String) -> String? {
    served.withLock { names in
      guard !names.contains(name) else { return nil }
      names.append(name)
      return names.dropLast().last
    }
  }

  /// In the order of first sight.
  var servedModels: [String] { served.withLock { $0 } }
}
