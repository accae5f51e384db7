import Diagnostics
import YAMLTree

/// The sections `matrix` and `exclude`.
extension OutlineReader {
  mutating func readMatrix(_ node: YAMLNode?) {
    for entry in entries(node, "matrix", "{style: [vanilla, cot]}") {
      guard outline.names.enter(entry.key, as: .axis, at: entry.keyLocation, findings),
        let values = axisValues(entry), !values.isEmpty
      else { continue }
      outline.matrix.axes.append(
        Matrix.Axis(name: entry.key, location: entry.keyLocation, values: values)
      )
    }
  }

  private func axisValues(_ entry: YAMLNode.Entry) -> [Matrix.AxisValue]? {
    switch entry.value.value {
    case .list(let nodes) where !nodes.isEmpty:
      return values(nodes.map { (node: $0, settings: nil) }, of: entry.key)
    case .map(let points) where !points.isEmpty:
      return values(
        points.map { point in
          let name = YAMLNode(
            .text(point.key),
            at: point.keyLocation,
            scalarText: point.key,
            isQuoted: true
          )
          return (node: name, settings: point.value)
        },
        of: entry.key
      )
    default:
      findings.error(
        "axis '\(entry.key)' takes a list of values or a map of points, but here is "
          + (entry.value.list != nil || entry.value.map != nil
            ? "an empty one" : entry.value.found),
        at: entry.value.location,
        hint: "write '\(entry.key): [first, second]'"
      )
      return nil
    }
  }

  private func values(_ written: [(node: YAMLNode, settings: YAMLNode?)], of axis: String)
    -> [Matrix.AxisValue]
  {
    let scope = Scope(
      parameters: outline.parameterValues,
      matrix: Matrix(),
      point: MatrixPoint(),
      needs: nil,
      findings: findings
    )
    var values: [Matrix.AxisValue] = []
    var slugs = AxisSlugs()
    var places: [String: Location] = [:]
    for (writtenNode, settings) in written {
      guard let node = scope.expand(writtenNode) else { continue }
      guard let text = usableText(node, axis) else { continue }
      if let first = places[text] {
        findings.error(
          "axis '\(axis)' has the value '\(text)' twice",
          at: node.location,
          hint: "remove one of the two",
          notes: [Problem.Note("first written here", at: first)]
        )
        continue
      }
      if let settings, settings.map == nil, !isEmpty(settings) {
        findings.error(
          "point '\(text)' of axis '\(axis)' takes a map of settings, but here is "
            + settings.found,
          at: settings.location,
          hint: "write '\(text): {setting: value}'"
        )
        continue
      }
      places[text] = node.location
      values.append(
        Matrix.AxisValue(text: text, slug: slugs.add(text), node: node, settings: settings)
      )
    }
    return values
  }

  private func usableText(_ node: YAMLNode, _ axis: String) -> String? {
    guard let text = node.scalarText, !isEmpty(node), !text.isEmpty else {
      findings.error(
        "a value of axis '\(axis)' is a text or a number, but here is \(node.found)",
        at: node.location,
        hint: node.map == nil
          ? nil : "an axis whose points have settings is a map: '\(axis): {first: {…}}'"
      )
      return nil
    }
    guard !text.utf8.contains(UInt8(ascii: "@")) else {
      findings.error(
        "the value '\(text)' of axis '\(axis)' holds '@'",
        at: node.location,
        hint: "'@' begins a pin: leave it out of values"
      )
      return nil
    }
    return text
  }

  mutating func readExclusions(_ node: YAMLNode?) {
    guard let node, !isEmpty(node) else { return }
    guard let nodes = node.list else {
      findings.error(
        "'exclude' takes a list of maps, but here is \(node.found)",
        at: node.location,
        hint: "write 'exclude: [{axis: value, other: value}]'"
      )
      return
    }
    for node in nodes {
      guard let entries = node.map, !entries.isEmpty else {
        findings.error(
          "an element of 'exclude' is a map of axes with values, but here is \(node.found)",
          at: node.location,
          hint: "write '{axis: value, other: value}'"
        )
        continue
      }
      let values = entries.map { excluded($0) }
      guard values.allSatisfy({ $0 != nil }) else { continue }
      outline.matrix.exclusions.append(
        Matrix.Exclusion(values: values.compactMap(\.self), location: node.location)
      )
    }
    checkExtent(node)
  }

  /// Checks that something is left, if that can be found out in reasonable time.
  private mutating func checkExtent(_ node: YAMLNode) {
    let named = Set(outline.matrix.exclusions.flatMap { $0.values.map(\.axis) })
    guard let size = outline.matrix.productSize(named), size <= Matrix.mostExcluding else {
      findings.error(
        "'exclude' names axes with more than \(Matrix.mostExcluding) combinations",
        at: node.location,
        hint: "exclude points of fewer axes"
      )
      outline.matrix.exclusions = []
      return
    }
    let all = Set(outline.matrix.axes.map(\.name))
    if !outline.matrix.exclusions.isEmpty, outline.matrix.points(over: all)?.isEmpty == true {
      findings.error(
        "'exclude' leaves no point of the matrix",
        at: node.location,
        hint: "exclude less, or remove values from the axes"
      )
    }
  }

  private func excluded(_ entry: YAMLNode.Entry) -> (axis: String, texts: Set<String>)? {
    let matrix = outline.matrix
    guard let axis = matrix.axis(entry.key) else {
      findings.error(
        "'exclude' names the axis '\(entry.key)', which the matrix does not have",
        at: entry.keyLocation,
        hint: didYouMean(entry.key, among: matrix.axes.map(\.name))
      )
      return nil
    }
    let texts = (entry.value.list ?? [entry.value]).map { node -> String? in
      guard let text = node.scalarText, axis.value(text) != nil else {
        let known = axis.values.map(\.text)
        findings.error(
          node.scalarText.map { "axis '\(axis.name)' has no value '\($0)'" }
            ?? "axis '\(axis.name)' takes a value, but here is \(node.found)",
          at: node.location,
          hint: node.scalarText.flatMap { didYouMean($0, among: known) }
            ?? "its values are \(Wording.all(known))"
        )
        return nil
      }
      return text
    }
    guard texts.allSatisfy({ $0 != nil }) else { return nil }
    return (axis.name, Set(texts.compactMap(\.self)))
  }
}
