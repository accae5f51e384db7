import Primitives

/// Rows of a training set, kept and left out by reason.
struct TrainingTally: Sendable {
  private(set) var rows = 0
  private(set) var kept = 0
  private(set) var dropped: [String: Int] = [:]
  /// How many of those left out have a label that others do not share.
  private(set) var unshared = 0

  mutating func keep() {
    rows += 1
    kept += 1
  }

  mutating func drop(_ reason: String) {
    rows += 1
    dropped[reason, default: 0] += 1
  }

  mutating func drop(_ difference: LabelAgreement.Difference) {
    drop(difference.rawValue)
    unshared += 1
  }

  private var sortedReasons: [(key: String, value: Int)] { dropped.sorted { $0.key < $1.key } }

  /// `12 unreadable, 3 unlabelled`.
  var reasonList: String {
    sortedReasons.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  var json: JSONObject {
    let reasons = sortedReasons.map { (key: $0.key, value: JSON($0.value)) }
    return JSONObject([
      ("rows", JSON(rows)), ("kept", JSON(kept)), ("dropped", .object(JSONObject(reasons))),
    ])
  }
}
