/// All measurements of one client.
struct ClientResult {
  let name: String
  var figures: [Figures] = []

  /// The measurement with the middle number of calls a second, the lower one of an even number.
  var median: Figures? {
    let sorted = figures.sorted { $0.perSecond < $1.perSecond }
    return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
  }

  var perSecond: Double { median?.perSecond ?? .nan }

  /// Processor time of one call, in microseconds.
  var microsecondsPerCall: Double {
    guard let median else { return .nan }
    return median.processorSeconds / Double(median.calls) * 1e6
  }
}
