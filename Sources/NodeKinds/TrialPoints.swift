import Primitives
import Workflow

/// The points of decoding parameters that a search tries, in the order of its trials.
///
/// A point is a map of the parameters that the search sets; what it does not name keeps its default.
enum TrialPoints {
  /// The parameters that can be searched, in the order of a grid's loops.
  static let parameters = ["temperature", "top_p", "top_k", "max_tokens"]

  /// The points of `grid` or of `random`, whichever an instance has.
  static func all(_ settings: Settings) -> [JSONObject] {
    if let random = settings.json("random")?.object {
      return drawn(
        random,
        count: settings.integer("trials") ?? 0,
        seed: Int64(settings.integer("seed") ?? 0)
      )
    }
    return combinations(settings.json("grid")?.object ?? JSONObject())
  }

  /// Every combination of a grid's values, the last parameter changing fastest.
  static func combinations(_ grid: JSONObject) -> [JSONObject] {
    parameters.reduce([JSONObject()]) { points, name in
      guard let values = grid[name]?.array else { return points }
      return points.flatMap { point in
        values.map { value in
          var next = point
          next[name] = value
          return next
        }
      }
    }
  }

  /// Points drawn from ranges: `[low, high]` is a range, a single value stands fast.
  ///
  /// The number drawn for a parameter depends on seed, trial and the parameter's name alone. So more
  /// trials leave the earlier ones as they were, and so does searching a further parameter.
  static func drawn(_ ranges: JSONObject, count: Int, seed: Int64) -> [JSONObject] {
    (0..<count).map { trial in
      var point = JSONObject()
      for name in parameters {
        guard let bounds = ranges[name]?.array, let low = bounds.first, let high = bounds.last
        else { continue }
        var generator = SeededGenerator(seed: seed, label: "tune \(trial) \(name)")
        point[name] = draw(from: low, to: high, &generator)
      }
      return point
    }
  }

  /// A whole number between whole numbers, both ends among them; else a number to three decimals,
  /// which is finer than any model tells apart and reads the same in every service.
  private static func draw(
    from low: JSON,
    to high: JSON,
    _ generator: inout SeededGenerator
  ) -> JSON {
    if case .integer(let least) = low, case .integer(let most) = high {
      return .integer(least + Int64(generator.below(Int(most - least) + 1)))
    }
    let least = low.number ?? 0
    let most = high.number ?? least
    let drawn = least + (most - least) * generator.unit()
    return .number(min(max((drawn * 1000).rounded() / 1000, least), most))
  }

  /// The point that calls are made with: at temperature 0 nothing is sampled, so top_p and top_k
  /// change nothing, and points that differ only there are one.
  static func effective(_ point: JSONObject) -> JSONObject {
    guard (point["temperature"]?.number ?? 0) == 0 else { return point }
    var point = point
    point["top_p"] = nil
    point["top_k"] = nil
    return point
  }
}
