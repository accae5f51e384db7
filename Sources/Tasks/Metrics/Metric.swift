package import Diagnostics
package import Primitives

/// A metric, fed row by row; what it keeps of a row is a few numbers.
package protocol Metric: Sendable {
  /// The name that `metrics:` and `value:` give.
  static var name: String { get }
  /// Raised when the same rows would give other figures; part of the keys of what scores.
  static var version: Int { get }
  /// The names of its figures, the main one first: `accuracy.all` is the figure `all`.
  static var figures: [String] { get }
  /// One line for the reference.
  static var summary: String { get }

  init(price: Price?)

  mutating func add(_ row: RowResult)

  /// The figures over the rows so far.
  func result() -> MetricSummary
}

/// What a million tokens cost, in USD.
package struct Price: Hashable, Sendable {
  package let input: Double
  package let output: Double

  package init(input: Double, output: Double) {
    self.input = input
    self.output = output
  }
}

/// A metric's figures over the rows of one evaluation.
package struct MetricSummary: Hashable, Sendable {
  package struct Named: Hashable, Sendable {
    package let name: String
    package let figure: Figure

    package init(_ name: String, _ figure: Figure) {
      self.name = name
      self.figure = figure
    }
  }

  package let name: String
  /// Figures that these rows do not give (no answer could be read at all) are missing.
  package let figures: [Named]
  /// Rows that count.
  package let n: Int
  /// Rows among them that give no value: an unreadable answer, unknown usage.
  package let invalid: Int

  package init(name: String, figures: [Named], n: Int, invalid: Int) {
    self.name = name
    self.figures = figures
    self.n = n
    self.invalid = invalid
  }

  package subscript(figure: String) -> Figure? { figures.first { $0.name == figure }?.figure }
}

extension MetricSummary {
  /// `{"name", "n", "invalid", "figures": {"all": {"value", "low", "high"}}}`.
  package var json: JSON {
    let members = figures.map { named -> (key: String, value: JSON) in
      let figure = named.figure
      return (
        named.name,
        [
          "value": .number(figure.value), "low": .number(figure.low),
          "high": .number(figure.high),
        ]
      )
    }
    return [
      "name": .string(name), "n": JSON(n), "invalid": JSON(invalid),
      "figures": .object(JSONObject(members)),
    ]
  }

  /// Reads a summary back; nil for anything that `json` did not write.
  package init?(json: JSON) {
    guard let name = json["name"]?.string, let n = json["n"]?.int,
      let invalid = json["invalid"]?.int, let members = json["figures"]?.object?.members
    else { return nil }
    let figures = members.compactMap { member -> Named? in
      guard let value = member.value["value"]?.number, let low = member.value["low"]?.number,
        let high = member.value["high"]?.number
      else { return nil }
      return Named(member.key, Figure(value: value, low: low, high: high))
    }
    guard figures.count == members.count else { return nil }
    self.init(name: name, figures: figures, n: n, invalid: invalid)
  }
}

/// The metrics there are; a new one is one file and one line here.
package enum Metrics {
  /// Sorted by name.
  package static let all: [any Metric.Type] = [
    Accuracy.self,
    Agreement.self,
    Cost.self,
    EntityDensity.self,
    Tokens.self,
    WordCount.self,
  ]

  package static var names: [String] { all.map { $0.name } }

  package static func named(_ name: String) -> (any Metric.Type)? {
    all.first { UTF8Order.equal($0.name, name) }
  }

  /// Ready metrics by name.
  package static func make(_ names: [String], price: Price? = nil) throws(Problem) -> [any Metric] {
    var metrics: [any Metric] = []
    for name in names {
      guard let type = named(name) else {
        throw Problem(
          "unknown metric '\(name)'",
          at: nil,
          hint: didYouMean(name, among: self.names) ?? "it may be \(Wording.choice(self.names))"
        )
      }
      metrics.append(type.init(price: price))
    }
    return metrics
  }
}
