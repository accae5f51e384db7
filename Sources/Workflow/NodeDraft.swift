import Diagnostics

/// A node read at every point of the axes that its own text mentions, references not yet followed.
struct NodeDraft {
  let name: String
  let location: Location
  let kind: any NodeKind.Type
  /// Axes of `${…}`, `with` and bare references to axes.
  let ownAxes: Set<String>
  /// The full list of axes where `each` is written.
  let each: (axes: Set<String>, location: Location)?
  /// Fields at each point; those that are wrong are left out.
  let fields: [MatrixPoint: DraftMembers]
  /// Points in matrix order.
  let points: [MatrixPoint]
  /// Whether every field at every point was right.
  let isSound: Bool

  /// All references at all points.
  var references: [DraftReference] {
    points.flatMap { fields[$0]?.values.flatMap { $0.value.references } ?? [] }
  }

  /// Names of the files that a command declares; nil where the kind declares none.
  ///
  /// Stored, since every reference to an output at every point asks for it.
  let outputNames: Set<String>?

  init(
    name: String,
    location: Location,
    kind: any NodeKind.Type,
    ownAxes: Set<String>,
    each: (axes: Set<String>, location: Location)?,
    fields: [MatrixPoint: DraftMembers],
    points: [MatrixPoint],
    isSound: Bool
  ) {
    self.name = name
    self.location = location
    self.kind = kind
    self.ownAxes = ownAxes
    self.each = each
    self.fields = fields
    self.points = points
    self.isSound = isSound
    outputNames = Self.outputNames(points.compactMap { fields[$0]?["outputs"] })
  }

  private static func outputNames(_ declared: [DraftValue]) -> Set<String>? {
    guard !declared.isEmpty else { return nil }
    return Set(
      declared.flatMap { value -> [String] in
        if case .map(let members) = value.kind { members.map(\.name) } else { [] }
      }
    )
  }
}
