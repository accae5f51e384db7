import Primitives
import Store
import Synchronization
import Transfer

/// The lanes in use, one for each way in which an endpoint is asked.
final class Lanes: Sendable {
  private struct Name: Hashable {
    let address: ServiceAddress
    let model: String
    let apiKey: APIKeySource?
    let limits: CallLimits
    let dialect: Dialect
    let transfer: TransferLimits
  }

  private struct State {
    var lanes: [Name: (lane: Lane, isFree: Bool)] = [:]
    /// Rates of models that no other process uses, or that no file can be kept for.
    var pages: [Digest: RatePage] = [:]
    /// Why nothing that costs money is sent any more.
    var spendingStop: (any Error)?
  }

  private let rates: RateBook?
  private let time: Timekeeper
  private let state = Mutex(State())

  init(rates: RateBook?, time: Timekeeper) {
    self.rates = rates
    self.time = time
  }

  func lane(for endpoint: ModelEndpoint) -> Lane {
    let name = Name(
      address: endpoint.address,
      model: endpoint.model,
      apiKey: endpoint.apiKey,
      limits: endpoint.limits,
      dialect: endpoint.dialect,
      transfer: endpoint.transfer
    )
    return state.withLock { state in
      if let known = state.lanes[name] { return known.lane }
      let lane = Lane(
        endpoint.limits,
        page: page(for: endpoint, &state),
        startsSpread: !endpoint.isFree,
        time: time
      )
      if let stop = state.spendingStop, !endpoint.isFree { lane.fail(stop) }
      state.lanes[name] = (lane, endpoint.isFree)
      return lane
    }
  }

  /// Lets every call that would cost money fail, now and later; calls in flight go on to their end.
  func stopSpending(_ error: any Error) {
    let lanes = state.withLock { state in
      state.spendingStop = state.spendingStop ?? error
      return state.lanes.values.filter { !$0.isFree }.map(\.lane)
    }
    for lane in lanes { lane.fail(error) }
  }

  /// What a provider counts together: calls of one model at one address by one key.
  private func page(for endpoint: ModelEndpoint, _ state: inout State) -> RatePage {
    let name = "\(endpoint.address.name)\n\(endpoint.model)\n\(endpoint.apiKey?.name ?? "")"
    // The tool's own server is asked by its own process alone.
    if let rates, !endpoint.isFree { return rates.page(named: name) }
    let digest = Digest(of: name)
    if let page = state.pages[digest] { return page }
    let page = RatePage()
    state.pages[digest] = page
    return page
  }
}
