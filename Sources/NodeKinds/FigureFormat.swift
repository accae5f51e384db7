/// How a figure is printed: shares in per cent where all of a table are shares, as the paper prints
/// them, and as many decimals as the figure is read with.
struct FigureFormat: Hashable, Sendable {
  let scale: Double
  let decimals: Int

  /// The format of each value of a table.
  static func all(_ data: TableData) -> [TableValue: FigureFormat] {
    let areShares = data.values.allSatisfy { isShare($0) }
    var formats: [TableValue: FigureFormat] = [:]
    for value in data.values {
      let places = data.columns.indices.filter { data.columns[$0].value == value }
      let figures = data.rows.flatMap { row in places.compactMap { row.cells[$0].mean } }
      formats[value] = FigureFormat(
        scale: areShares ? 100 : 1,
        decimals: areShares ? 2 : decimals(value, figures)
      )
    }
    return formats
  }

  private static func isShare(_ value: TableValue) -> Bool {
    value.metric == "accuracy" || value.metric == "agreement"
  }

  /// Densities are small numbers; money goes to the cent, and further where a cent is all of it.
  private static func decimals(_ value: TableValue, _ figures: [Double]) -> Int {
    switch value.metric {
    case "entity_density": 4
    case "cost": figures.contains { $0 != 0 && abs($0) < 0.1 } ? 4 : 2
    default: 2
    }
  }

  /// A number with fixed decimals, rounded half away from zero.
  func text(_ value: Double) -> String {
    let power = Self.power(decimals)
    let scaled = (value * scale * Double(power)).rounded()
    guard let whole = Int(exactly: scaled) else { return "\(value * scale)" }
    let digits = String(whole.magnitude % UInt(power))
    let zeros = String(repeating: "0", count: decimals - digits.count)
    return "\(whole < 0 ? "-" : "")\(whole.magnitude / UInt(power)).\(zeros)\(digits)"
  }

  private static func power(_ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { result, _ in result * 10 }
  }
}
