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
