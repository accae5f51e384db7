package import Diagnostics
import Primitives
import Store

/// A call on its way to an answer.
///
/// A class, since it passes through many hands and holds many texts.
final class Errand: Sendable {
  let call: ModelCall
  let endpoint: ModelEndpoint
  let fresh: Bool
  /// What it may cost at most; nil is unknown.
  let reserve: Money?

  init(call: ModelCall, endpoint: ModelEndpoint, fresh: Bool, reserve: Money?) {
    self.call = call
    self.endpoint = endpoint
    self.fresh = fresh
    self.reserve = reserve
  }

  var key: Digest { call.key }
  var isFree: Bool { reserve == .zero }

  /// Tokens that the call may take at most, as far as that can be said.
  var tokenBound: Int {
    let (sum, overflow) = call.request.promptTokenBound.addingReportingOverflow(
      call.request.decoding.maxTokens ?? 0
    )
    return overflow ? .max : sum
  }
}

extension CallService {
  /// Whether a call may be made under the budgets: what it may cost at most must be known.
  ///
  /// - Throws: `Problem` without a position if it is not.
  package func check(
    _ request: LogicalRequest,
    from endpoint: ModelEndpoint
  ) throws(Problem) {
    guard !budgets.isEmpty, !endpoint.isFree else { return }
    guard let pricing = endpoint.pricing, pricing.input != nil, pricing.output != nil else {
      throw Problem(
        "there is a budget, and what \(endpoint.name) costs is not known",
        at: nil,
        hint: "write price: {input: …, output: …} at the model, in USD per million tokens, or take "
          + "the budget out"
      )
    }
    guard pricing.worstCase(of: request) != nil else {
      throw Problem(
        "there is a budget, and a call to \(endpoint.name) has no limit on its answer's tokens",
        at: nil,
        hint: "set max_tokens in the node's decoding or in the template"
      )
    }
  }

  func errand(
    _ call: ModelCall,
    _ endpoint: ModelEndpoint,
    fresh: Bool
  ) throws(CallError) -> Errand {
    do throws(Problem) {
      try check(call.request, from: endpoint)
    } catch {
      throw .unlimited(error)
    }
    let pricing = endpoint.isFree ? .free : endpoint.pricing
    return Errand(
      call: call,
      endpoint: endpoint,
      fresh: fresh,
      reserve: pricing?.worstCase(of: call.request)
    )
  }
}
