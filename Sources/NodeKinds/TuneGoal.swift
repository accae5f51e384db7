import Primitives
import Tasks
import Workflow

/// What a search is to make highest or lowest.
struct TuneGoal: Hashable, Sendable {
  enum Direction: String, CaseIterable, Sendable {
    case highest, lowest
  }

  /// `metric.figure`.
  let metric: String
  let direction: Direction

  /// The metric to compute.
  var metricName: String { String(metric.prefix { $0 != "." }) }

  /// The words that `metric:` takes: each metric, which is its main figure, and each of its figures.
  static var words: [String] {
    Metrics.all.flatMap { type in [type.name] + type.figures.map { "\(type.name).\($0)" } }
  }

  /// The goal that settings state.
  ///
  /// - Returns: Nil where the metric has no direction of its own and none is written, which the
  ///   checker refuses.
  init?(_ settings: Settings) {
    let written = settings.text("metric") ?? "accuracy"
    let name = String(written.prefix { $0 != "." })
    guard let type = Metrics.named(name) else { return nil }
    metric = written.contains(".") ? written : "\(name).\(type.figures[0])"
    let stated = settings.text("direction").flatMap(Direction.init)
    guard let direction = stated ?? Self.usual(name) else { return nil }
    self.direction = direction
  }

  /// Lengths are neither good nor bad by themselves.
  private static func usual(_ metric: String) -> Direction? {
    switch metric {
    case "cost": .lowest
    case "tokens", "words": nil
    default: .highest
    }
  }

  /// A number that is higher the better; without a figure the least there is.
  func worth(_ scores: ScoreSummary) -> Double {
    guard let value = scores.figure(metric)?.value else { return -.infinity }
    return direction == .highest ? value : -value
  }
}
