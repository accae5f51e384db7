import Primitives

/// The states that a job or batch goes through, one at each look or after each delay.
struct StatusScript: Sendable {
  struct Step: Sendable {
    /// The status that is shown.
    let status: String
    /// An HTTP status that a look is answered with instead.
    let failure: Int?
    /// Members that are shown instead of the usual ones, null included.
    let members: JSONObject
  }

  let steps: [Step]
  /// Further settings beside the steps.
  let settings: JSONObject

  init(_ statuses: [String], last members: JSONObject = JSONObject()) {
    steps = statuses.enumerated().map { index, status in
      let isLast = index == statuses.count - 1
      return Step(status: status, failure: nil, members: isLast ? members : JSONObject())
    }
    settings = JSONObject()
  }

  /// Reads a list of steps, or a map with `steps` and settings.
  ///
  /// A step is a status, or a map of `status`, `http`, `repeat` and members to show.
  init(_ json: JSON) throws(FaultError) {
    let list = json.array ?? json["steps"]?.array
    var settings = json.object ?? JSONObject()
    settings["steps"] = nil
    self.settings = settings
    guard let list, !list.isEmpty else {
      throw FaultError("a script of states has no 'steps'; expected a list of them")
    }
    var steps: [Step] = []
    for element in list { steps += try Self.step(element) }
    self.steps = steps
  }

  private static func step(_ json: JSON) throws(FaultError) -> [Step] {
    if let status = json.string {
      return [Step(status: status, failure: nil, members: JSONObject())]
    }
    let status = json["status"]?.string
    let failure = json["http"]?.int
    guard var members = json.object, status != nil || failure != nil else {
      throw FaultError("a step is \(json.compactText); expected a status, 'status' or 'http'")
    }
    let count = members["repeat"]?.int ?? 1
    for name in ["status", "http", "repeat"] { members[name] = nil }
    let step = Step(status: status ?? "running", failure: failure, members: members)
    return Array(repeating: step, count: max(count, 1))
  }

  /// The step that is reached after so many looks, or so much time where a delay is set.
  func index(looks: Int, sinceMilliseconds start: Int64, delay: Int) -> Int {
    let reached = delay > 0 ? Int(Clock.milliseconds - start) / delay : looks
    return min(max(reached, 0), steps.count - 1)
  }
}
