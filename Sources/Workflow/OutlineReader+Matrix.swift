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
    var slugs: Set<String> = []
    for (writtenNode, settings) in written {
      guard let node = scope.expand(writtenNode) else { continue }
      guard let text = usableText(node, axis) else { continue }
      if let first = values.first(where: { $0.text == text }) {
        findings.error(
          "axis '\(axis)' has the value '\(text)' twice",
          at: node.location,
          hint: "remove one of the two",
          notes: [Problem.Note("first written here", at: first.node.location)]
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
      let slug = Self.slug(text, taken: slugs)
      slugs.insert(slug)
      values.append(Matrix.AxisValue(text: text, slug: slug, node: node, settings: settings))
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

  /// The value as it stands in names of instances: letters, digits, `.`, `_`, `+` and `-`, others
  /// as `-`; numbered where two values would look the same.
  private static func slug(_ text: String, taken: Set<String>) -> String {
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-".utf8)
    var base = ""
    for byte in text.utf8 {
      if allowed.contains(byte) {
        base.unicodeScalars.append(Unicode.Scalar(byte))
      } else if !base.hasSuffix("-") {
        base += "-"
      }
    }
    if base.allSatisfy({ $0 == "." || $0 == "-" }) { base = "value" }
    var slug = base
    var number = 2
    while taken.contains(slug) {
      slug = "\(base)-\(number)"
      number += 1
    }
    return slug
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
