import Synchronization

/// What the calls of one endpoint share: places in flight, pace, and whether it still is of use.
final class Lane: Sendable {
  let slots: Slots
  /// Least time between two sendings.
  private let interval: Duration?
  private let time: Timekeeper
  private let nextStart: Mutex<Duration>
  private let served = Mutex<[String]>([])

  init(_ limits: CallLimits, time: Timekeeper) {
    slots = Slots(limits.concurrency)
    interval = limits.requestsPerMinute.map { .seconds(60) / $0 }
    self.time = time
    nextStart = Mutex(time.now())
  }

  /// Waits until the next sending is due, if there is a limit of requests per minute.
  func pace() async throws {
    guard let interval else { return }
    let now = time.now()
    let start = nextStart.withLock { next in
      let start = max(now, next)
      next = start + interval
      return start
    }
    if start > now { try await time.sleep(start - now) }
  }

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

/// The lanes in use, one for each address and model name.
final class Lanes: Sendable {
  private struct Name: Hashable {
    let address: ServiceAddress
    let model: String
  }

  private let time: Timekeeper
  private let lanes = Mutex<[Name: Lane]>([:])

  init(time: Timekeeper) {
    self.time = time
  }

  func lane(for endpoint: ModelEndpoint) -> Lane {
    lanes.withLock { lanes in
      let name = Name(address: endpoint.address, model: endpoint.model)
      let lane = lanes[name] ?? Lane(endpoint.limits, time: time)
      lanes[name] = lane
      return lane
    }
  }
}
