import Primitives

extension MLflowService {
  /// A run that the server has.
  struct Existing: Sendable {
    let id: String
    let artifacts: String
    /// The latest value of each figure.
    let metrics: [String: Double]
    let params: [String: String]
    let tags: [String: String]

    init?(_ run: JSON) {
      guard let id = run["info"]?["run_id"]?.string else { return nil }
      self.id = id
      artifacts = run["info"]?["artifact_uri"]?.string ?? ""
      metrics = Self.pairs(run["data"]?["metrics"]) { $0.number }
      params = Self.pairs(run["data"]?["params"]) { $0.string }
      tags = Self.pairs(run["data"]?["tags"]) { $0.string }
    }

    private static func pairs<Value>(
      _ list: JSON?,
      _ value: (JSON) -> Value?
    ) -> [String: Value] {
      let pairs = (list?.array ?? []).compactMap { pair -> (String, Value)? in
        guard let key = pair["key"]?.string, let found = pair["value"].flatMap(value) else {
          return nil
        }
        return (key, found)
      }
      return Dictionary(pairs) { _, last in last }
    }
  }
}
