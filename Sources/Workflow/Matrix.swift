import Diagnostics
import YAMLTree

/// The axes of a workflow and the points that are excluded.
struct Matrix {
  /// One axis: a list of values, or a map of points with settings.
  struct Axis {
    let name: String
    let location: Location
    let values: [AxisValue]
    private let places: [String: Int]

    /// An axis with values whose texts differ.
    init(name: String, location: Location, values: [AxisValue]) {
      self.name = name
      self.location = location
      self.values = values
      places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1.text, $0) })
    }

    func value(_ text: String) -> AxisValue? { places[text].map { values[$0] } }
  }

  struct AxisValue {
    /// As written; for a map axis the point's key.
    let text: String
    /// Like the text, but fit for an instance's name.
    let slug: String
    /// The typed value: what `${axis}` puts in.
    let node: YAMLNode
    /// The point's settings; nil where the axis is a list.
    let settings: YAMLNode?
  }

  /// A set of points that do not take place: those with one of the values on each axis named.
  struct Exclusion {
    let values: [(axis: String, texts: Set<String>)]
    let location: Location

    func covers(_ point: MatrixPoint) -> Bool {
      values.allSatisfy { axis, texts in point[axis].map { texts.contains($0) } ?? false }
    }
  }

  var axes: [Axis] = []
  var exclusions: [Exclusion] = []

  /// Points of one node above which the matrix is surely a mistake.
  static let mostPoints = 100_000
  /// Combinations of the axes that exclusions name, all of which may have to be looked at.
  static let mostExcluding = 10_000

  func axis(_ name: String) -> Axis? { axes.first { $0.name == name } }

  /// Names in matrix order, of those axes that are in a set.
  func ordered(_ names: Set<String>) -> [String] {
    axes.map(\.name).filter { names.contains($0) }
  }

  /// How many points there are before any is excluded; nil where the number overflows.
  func productSize(_ names: Set<String>) -> Int? {
    axes.filter { names.contains($0.name) }.reduce(1) { size, axis in
      size.flatMap { size in
        let (product, overflow) = size.multipliedReportingOverflow(by: axis.values.count)
        return overflow ? nil : product
      }
    }
  }

  /// All points over some axes in matrix order, the first axis varying slowest, less those that
  /// are excluded whatever the other axes are.
  ///
  /// - Returns: The points; nil where they are more than `mostPoints`.
  func points(over names: Set<String>) -> [MatrixPoint]? {
    guard let size = productSize(names), size <= Self.mostPoints else { return nil }
    let own = axes.filter { names.contains($0.name) }
    let excluding = Set(exclusions.flatMap { $0.values.map(\.axis) })
    let others = axes.filter { excluding.contains($0.name) && !names.contains($0.name) }
    var points = [MatrixPoint()]
    for axis in own { points = points.flatMap { $0.extended(along: axis) } }
    return points.filter { hasSurvivor($0, others[...]) }
  }

  /// The exclusion that removes a point over all of its axes.
  func exclusion(of point: MatrixPoint) -> Exclusion? { exclusions.first { $0.covers(point) } }

  /// Whether some way to fill the other axes is not excluded.
  private func hasSurvivor(_ point: MatrixPoint, _ others: ArraySlice<Axis>) -> Bool {
    guard exclusion(of: point) == nil else { return false }
    guard let axis = others.first else { return true }
    return point.extended(along: axis).contains { hasSurvivor($0, others.dropFirst()) }
  }
}

extension MatrixPoint {
  fileprivate func extended(along axis: Matrix.Axis) -> [MatrixPoint] {
    axis.values.map {
      MatrixPoint(coordinates + [Coordinate(axis: axis.name, value: $0.text)])
    }
  }

  /// The point seen from fewer axes.
  func projected(to names: Set<String>) -> MatrixPoint {
    MatrixPoint(coordinates.filter { names.contains($0.axis) })
  }
}
