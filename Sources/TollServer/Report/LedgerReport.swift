import Primitives

/// What a ledger says in sum: who was charged for what, and what twice.
struct LedgerReport: Sendable {
  /// One logical request and everything that was charged for it.
  struct Call: Sendable {
    var charges = 0
    /// Numbers of the requests, and batches with lines.
    var places: [String] = []
  }

  private let prices: PriceTable
  private(set) var requestCount = 0
  private(set) var replayedCount = 0
  private(set) var chargeCount = 0
  private(set) var incompleteCount = 0
  private(set) var promptTokens = 0
  private(set) var completionTokens = 0
  private(set) var trainedTokens = 0
  /// Nil once anything was charged that has no price.
  private(set) var cost: Money? = .zero
  private(set) var calls: [String: Call] = [:]
  private var keys: [String: Int] = [:]

  init(prices: PriceTable) { self.prices = prices }

  mutating func take(_ record: JSON) {
    switch record["event"]?.string {
    case "request":
      requestCount += 1
      if record["replayed"]?.bool == true { replayedCount += 1 }
      takeCharge(record, place: "request \(record["n"]?.int ?? 0)", share: 1)
    case "line":
      let place = "\(record["batch"]?.string ?? "") line \(record["line"]?.int ?? 0)"
      takeCharge(record, place: place, share: record["share"]?.number ?? 1)
    case "training": takeTraining(record)
    case "end": if record["complete"]?.bool == false { incompleteCount += 1 }
    default: break
    }
  }

  private mutating func takeCharge(_ record: JSON, place: String, share: Double) {
    guard record["charged"]?.bool == true, let call = record["call"]?.string else { return }
    chargeCount += 1
    calls[call, default: Call()].charges += 1
    calls[call, default: Call()].places.append(place)
    if let key = record["key"]?.string { keys[key, default: 0] += 1 }
    let prompt = record["prompt_tokens"]?.int ?? 0
    let completion = record["completion_tokens"]?.int ?? 0
    promptTokens += prompt
    completionTokens += completion
    let price = prices[record["model"]?.string ?? ""]
    add(
      price.map { price in
        Money(tokens: prompt, perMillion: price.input * share)
          + Money(tokens: completion, perMillion: price.output * share)
      }
    )
  }

  private mutating func takeTraining(_ record: JSON) {
    let tokens = record["trained_tokens"]?.int ?? 0
    trainedTokens += tokens
    let price = prices[record["model"]?.string ?? ""]?.training
    add(price.map { Money(tokens: tokens, perMillion: $0) })
  }

  private mutating func add(_ amount: Money?) {
    guard let sum = cost, let amount else {
      cost = nil
      return
    }
    cost = sum + amount
  }

  /// Calls that were charged more than once, the dearest first.
  var chargedAgain: [(call: String, Call)] {
    calls.filter { $0.value.charges > 1 }.sorted { left, right in
      (right.value.charges, left.key) < (left.value.charges, right.key)
    }.map { ($0.key, $0.value) }
  }

  /// Idempotency keys that were charged more than once: answers that were bought twice, where a
  /// client gives every draw a key of its own.
  var keysChargedAgain: Int { keys.values.count { $0 > 1 } }
}

// MARK: - As it is printed

extension LedgerReport {
  var json: JSON {
    [
      "requests": JSON(requestCount), "charges": JSON(chargeCount),
      "distinct_calls": JSON(calls.count), "replayed": JSON(replayedCount),
      "incomplete": JSON(incompleteCount), "keys_charged_again": JSON(keysChargedAgain),
      "charged_again": .array(
        chargedAgain.map { call, value in
          [
            "call": .string(call), "charges": JSON(value.charges),
            "places": .array(value.places.map(JSON.string)),
          ]
        }
      ),
      "prompt_tokens": JSON(promptTokens), "completion_tokens": JSON(completionTokens),
      "trained_tokens": JSON(trainedTokens), "cost_usd": cost.map { .number($0.usd) } ?? .null,
    ]
  }

  /// Lines for people; at most twenty calls are listed.
  var text: String {
    let again = chargedAgain
    var lines = [
      "requests          \(requestCount)",
      "charges           \(chargeCount)",
      "distinct calls    \(calls.count)",
      "charged again     \(again.count) calls, \(keysChargedAgain) idempotency keys",
      "replayed          \(replayedCount)",
      "not sent whole    \(incompleteCount)",
      "tokens            \(promptTokens) prompt, \(completionTokens) completion, "
        + "\(trainedTokens) trained",
      "money             \(cost.map { "\($0)" } ?? "unknown: give '--price IN/OUT/TRAINING'")",
    ]
    for (call, value) in again.prefix(20) {
      lines.append(
        "  \(call.prefix(16)) \(value.charges) times: \(value.places.joined(separator: ", "))"
      )
    }
    if again.count > 20 { lines.append("  and \(again.count - 20) more; '--json' has all") }
    return lines.joined(separator: "\n")
  }
}
