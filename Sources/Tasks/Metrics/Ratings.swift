/// What a judge gave: mean and median of its ratings, fed rating by rating.
///
/// The ratings of one conversation are no independent draws, so the intervals come from resampling
/// whole conversations. Source: Davison and Hinkley 1997, section 3.8.
package struct Ratings: Sendable {
  package static let name = "judge"
  /// Raised when the same ratings would give other figures.
  package static let version = 1
  package static let figures = ["mean", "median"]
  package static let summary = "mean and median of the ratings that a judge gave"

  private var values: [Double] = []
  private var clusters = ClusterNumbers()
  private var asked = 0

  package init() {}

  /// Takes the rating of one turn.
  ///
  /// - Parameters:
  ///   - rating: Nil where the judge gave none that could be read; it counts as invalid.
  ///   - cluster: The id of the conversation that the turn belongs to.
  package mutating func add(_ rating: Double?, cluster: String) {
    asked += 1
    guard let rating else { return }
    values.append(rating)
    clusters.add(cluster)
  }

  /// The figures over the ratings so far; `n` is how many were asked for.
  package func result() -> MetricSummary {
    var figures: [MetricSummary.Named] = []
    if !values.isEmpty {
      let ones = [Double](repeating: 1, count: values.count)
      let mean = Bootstrap.ratio(values, ones, in: clusters)
      let median = Bootstrap.median(values, in: clusters)
      figures = [mean.map { .init("mean", $0) }, .init("median", median)].compactMap(\.self)
    }
    return MetricSummary(
      name: Self.name,
      figures: figures,
      n: asked,
      invalid: asked - values.count
    )
  }
}

/// A number for each cluster, in the order in which they came up.
struct ClusterNumbers: Sendable {
  private var known: [[UInt8]: Int] = [:]
  /// The cluster of each value.
  private(set) var numbers: [Int] = []

  /// How many clusters there are.
  var count: Int { known.count }

  mutating func add(_ cluster: String) {
    let next = known.count
    numbers.append(known[Array(cluster.utf8), default: next])
    if numbers.last == next { known[Array(cluster.utf8)] = next }
  }
}
