import Primitives

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
