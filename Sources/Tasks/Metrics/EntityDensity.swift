/// Entities that a summary shares with its document, for each token of the summary, averaged over
/// documents.
///
/// `all` counts a summary that could not be read as zero, `parsed` leaves it out: both always, as for
/// accuracy. Source: arXiv 2410.18588, equation 8.
package struct EntityDensity: Metric {
  package static let name = "entity_density"
  package static let version = 1
  package static let figures = ["all", "parsed"]
  package static let summary =
    "entities shared by summary and document for each token of the summary: 'all' over all rows, "
    + "'parsed' over those with a readable summary"

  private var densities: [Double] = []
  private var parsed: [Double] = []

  package init(price: Price? = nil) {}

  package mutating func add(_ row: RowResult) {
    let density = row.entities?.density
    densities.append(density ?? 0)
    parsed.append(density == nil ? 0 : 1)
  }

  package func result() -> MetricSummary {
    let ones = [Double](repeating: 1, count: densities.count)
    let figures = [
      Bootstrap.ratio(densities, ones).map { MetricSummary.Named("all", $0) },
      Bootstrap.ratio(densities, parsed).map { MetricSummary.Named("parsed", $0) },
    ]
    return MetricSummary(
      name: Self.name,
      figures: figures.compactMap(\.self),
      n: densities.count,
      invalid: parsed.count { $0 == 0 }
    )
  }
}
