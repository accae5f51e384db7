import Primitives

extension PairedDifference {
  /// Compares the mean rating of two judged models over the turns that both have a rating for.
  ///
  /// Whole conversations are drawn, as in `Ratings`.
  ///
  /// - Returns: Nil where no turn has both.
  package static func ofRatings(_ pairs: [(first: RatedRow, second: RatedRow)]) -> PairedFigure? {
    var clusters = ClusterNumbers()
    var first: [Double] = []
    var differences: [Double] = []
    for pair in pairs {
      for (one, other) in zip(pair.first.ratings, pair.second.ratings) {
        guard let one, let other else { continue }
        clusters.add(pair.first.id)
        first.append(one)
        differences.append(other - one)
      }
    }
    let ones = [Double](repeating: 1, count: differences.count)
    guard let difference = Bootstrap.ratio(differences, ones, in: clusters) else { return nil }
    let mean = first.reduce(0, +) / Double(first.count)
    return PairedFigure(
      name: "\(Ratings.name).mean",
      n: differences.count,
      first: mean,
      second: mean + difference.value,
      difference: difference,
      mcNemar: nil
    )
  }
}
