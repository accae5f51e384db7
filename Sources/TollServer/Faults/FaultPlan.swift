import Primitives

/// Which requests to one endpoint fail, by their number.
struct FaultPlan: Sendable {
  private var calls: [Int: Fault] = [:]
  private var every: [(step: Int, fault: Fault)] = []
  /// Share of requests that fail, from 0 to 1, each by a fault drawn from `mix`.
  private var share = 0.0
  private var mix: [Fault] = []
  private var seed: Int64 = 0

  static let members: Set<String> = ["calls", "every", "probability"]

  /// Reads `calls`, `every` and `probability`.
  init(_ json: JSONObject) throws(FaultError) {
    for (key, value) in json["calls"]?.object?.members ?? [] {
      calls[try Self.number(key, "calls")] = try Fault(value)
    }
    for (key, value) in json["every"]?.object?.members ?? [] {
      every.append((try Self.number(key, "every"), try Fault(value)))
    }
    if let probability = json["probability"] { try readProbability(probability) }
  }

  private static func number(_ text: String, _ place: String) throws(FaultError) -> Int {
    guard let number = Int(text), number > 0 else {
      throw FaultError("'\(place)' has '\(text)'; expected the number of a request, from 1")
    }
    return number
  }

  private mutating func readProbability(_ json: JSON) throws(FaultError) {
    guard let share = json["share"]?.number, (0...1).contains(share) else {
      throw FaultError("'probability' has no 'share' between 0 and 1")
    }
    self.share = share
    seed = json["seed"]?.integer ?? 0
    guard let named = json["of"]?.array else {
      mix = FaultName.passing.map { Fault($0) }
      return
    }
    for fault in named { mix.append(try Fault(fault)) }
    guard !mix.isEmpty else { throw FaultError("'probability.of' is empty; expected faults") }
  }

  /// The fault of a request; a number that is named goes before a step, a step before the dice.
  func fault(for number: Int) -> Fault? {
    if let fault = calls[number] { return fault }
    if let (_, fault) = every.first(where: { number % $0.step == 0 }) { return fault }
    guard share > 0 else { return nil }
    // The dice depend on the number alone: threads may ask in any order.
    var dice = SeededGenerator(seed: seed, label: "fault \(number)")
    guard dice.unit() < share else { return nil }
    return mix[dice.below(mix.count)]
  }
}

/// The faults of all endpoints.
struct FaultScript: Sendable {
  private var plans: [Endpoint: FaultPlan] = [:]

  init() {}

  /// Reads a map from endpoints to plans; a plan's members at the top are the plan for chat.
  init(_ json: JSON) throws(FaultError) {
    guard let object = json.object else {
      throw FaultError("the script is \(json.kindName); expected a map")
    }
    let top = object.members.filter { FaultPlan.members.contains($0.key) }
    if !top.isEmpty { plans[.chat] = try FaultPlan(JSONObject(top)) }
    for (key, value) in object.members where !FaultPlan.members.contains(key) {
      guard let endpoint = Endpoint(rawValue: key), let plan = value.object else {
        let names = Endpoint.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        throw FaultError(
          "the script has '\(key)'; expected 'calls', 'every', 'probability', or a map for one of "
            + names
        )
      }
      if let wrong = plan.members.first(where: { !FaultPlan.members.contains($0.key) }) {
        throw FaultError("'\(key)' has '\(wrong.key)'; expected 'calls', 'every', 'probability'")
      }
      plans[endpoint] = try FaultPlan(plan)
    }
  }

  func fault(_ endpoint: Endpoint, _ number: Int) -> Fault? { plans[endpoint]?.fault(for: number) }
}
