import Diagnostics
import Primitives

/// Makes the instances: every node at each of its points, its references resolved.
struct Expander {
  let matrix: Matrix
  let finder: TargetFinder
  let inference: AxisInference.Result
  /// The kind of library templates that are used without a node.
  let templateKind: (any NodeKind.Type)?
  let findings: Findings

  private(set) var instances: [Instance] = []
  /// Instances of each node by their point.
  private var byPoint: [String: [MatrixPoint: InstanceID]] = [:]
  private(set) var points: [String: [MatrixPoint]] = [:]

  init(
    matrix: Matrix,
    finder: TargetFinder,
    inference: AxisInference.Result,
    templateKind: (any NodeKind.Type)?,
    findings: Findings
  ) {
    self.matrix = matrix
    self.finder = finder
    self.inference = inference
    self.templateKind = templateKind
    self.findings = findings
  }

  /// Expands all sound nodes.
  mutating func expand() {
    for name in inference.templates { addTemplate(name) }
    for name in inference.order where inference.sound.contains(name) {
      if let draft = finder.drafts[name] { expand(draft) }
    }
  }

  private mutating func addTemplate(_ name: String) {
    guard let kind = templateKind else { return }
    var values = kind.fields.compactMap { field in
      field.defaultValue.map { (name: field.name, value: SettingValue(.json($0), at: nil)) }
    }
    values.insert((name: "use", value: SettingValue(.json(.string(name)), at: nil)), at: 0)
    instances.append(
      Instance(
        id: InstanceID(name),
        node: name,
        kind: kind,
        point: MatrixPoint(),
        settings: Settings(values),
        location: nil
      )
    )
  }

  private mutating func expand(_ draft: NodeDraft) {
    let axes = inference.axes[draft.name, default: []]
    guard let points = matrix.points(over: axes) else {
      let product = matrix.productSize(axes).map { "\($0) times" } ?? "without end"
      findings.error(
        "node '\(draft.name)' would run \(product)",
        at: draft.location,
        hint: "at most \(Matrix.mostPoints) points are planned: pin or exclude some, or use 'each'"
      )
      return
    }
    self.points[draft.name] = points
    byPoint[draft.name] = Dictionary(
      uniqueKeysWithValues: points.map { ($0, id(draft.name, at: $0)) }
    )
    for point in points {
      guard let members = draft.fields[point.projected(to: draft.ownAxes)] else { continue }
      let values = members.values.map { member in
        (name: member.name, value: resolve(member.value, at: point))
      }
      guard values.allSatisfy({ $0.value != nil }) else { continue }
      let settings = Settings(
        values.compactMap { member in
          member.value.map { (name: member.name, value: $0) }
        }
      )
      instances.append(
        Instance(
          id: id(draft.name, at: point),
          node: draft.name,
          kind: draft.kind,
          point: point,
          settings: settings,
          location: draft.location
        )
      )
    }
  }

  private func id(_ name: String, at point: MatrixPoint) -> InstanceID {
    let slugs = point.coordinates.map { coordinate in
      "@" + (matrix.axis(coordinate.axis)?.value(coordinate.value)?.slug ?? coordinate.value)
    }
    return InstanceID(name + slugs.joined())
  }

  // MARK: - Values

  private func resolve(_ draft: DraftValue, at point: MatrixPoint) -> SettingValue? {
    switch draft.kind {
    case .json(let json): return SettingValue(.json(json), at: draft.location)
    case .path(let path, let written):
      return SettingValue(.path(path, written: written), at: draft.location)
    case .list(let elements):
      let values = elements.map { resolve($0, at: point) }
      guard values.allSatisfy({ $0 != nil }) else { return nil }
      return SettingValue(.list(values.compactMap(\.self)), at: draft.location)
    case .map(let members):
      let values = members.map { (name: $0.name, value: resolve($0.value, at: point)) }
      guard values.allSatisfy({ $0.value != nil }) else { return nil }
      let resolved = values.compactMap { member in member.value.map { (member.name, $0) } }
      return SettingValue(.map(resolved), at: draft.location)
    case .reference(let reference):
      return resolve(reference, at: point).map { SettingValue($0, at: draft.location) }
    }
  }

  private func resolve(_ reference: DraftReference, at point: MatrixPoint) -> SettingValue.Kind? {
    let isWide = reference.type.isWide
    switch finder.find(reference) {
    case nil: return nil
    case .model(let name):
      return isWide ? .wide([.model(name)]) : .reference(.model(name))
    case .template(let name):
      let target = ResolvedReference.instance(InstanceID(name), as: .template, output: nil)
      return isWide ? .wide([target]) : .reference(target)
    case .node(let draft, let type):
      let targets = targets(of: reference, draft, at: point).map {
        ResolvedReference.instance($0, as: type, output: reference.text.output)
      }
      guard let first = targets.first else { return nil }
      return isWide ? .wide(targets) : .reference(first)
    }
  }

  /// The instances that a reference means: one, or all that agree with the point if it is wide.
  private func targets(of reference: DraftReference, _ target: NodeDraft, at point: MatrixPoint)
    -> [InstanceID]
  {
    let axes = inference.axes[target.name, default: []]
    guard let known = byPoint[target.name], let all = points[target.name],
      let pins = PinReader(matrix: matrix, findings: findings).pins(of: reference, on: axes)
    else { return [] }
    if reference.type.isWide {
      let fitting = all.filter { candidate in
        candidate.coordinates.allSatisfy { coordinate in
          (pins[coordinate.axis] ?? point[coordinate.axis]).map { $0 == coordinate.value } ?? true
        }
      }
      if fitting.isEmpty { reportExcluded(reference, pins, point) }
      return fitting.compactMap { known[$0] }
    }
    let wanted = MatrixPoint(
      matrix.ordered(axes).compactMap { axis in
        (pins[axis] ?? point[axis]).map { MatrixPoint.Coordinate(axis: axis, value: $0) }
      }
    )
    guard let id = known[wanted] else {
      reportExcluded(reference, pins, wanted)
      return []
    }
    return [id]
  }

  private func reportExcluded(
    _ reference: DraftReference,
    _ pins: [String: String],
    _ point: MatrixPoint
  ) {
    let place = point.coordinates.map { "\($0.axis) \($0.value)" }.joined(separator: ", ")
    let exclusion = matrix.exclusion(of: point)
    findings.error(
      "'\(reference.text.text)' is excluded" + (place.isEmpty ? "" : " at \(place)"),
      at: reference.location,
      hint: "pin a value that takes place, or exclude the same points for what refers to it",
      notes: exclusion.map { [Problem.Note("excluded here", at: $0.location)] } ?? []
    )
  }
}
