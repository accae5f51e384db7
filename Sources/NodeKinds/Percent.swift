/// Shares as people write them.
enum Percent {
  /// `5 %`, `2.5 %`: a fraction from 0 to 1 with at most one decimal.
  static func text(_ fraction: Double) -> String {
    let tenths = (fraction * 1000).rounded()
    let whole = Int(tenths) / 10
    let rest = Int(tenths) % 10
    return rest == 0 ? "\(whole) %" : "\(whole).\(rest) %"
  }
}
