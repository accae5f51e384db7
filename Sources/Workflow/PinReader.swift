import Diagnostics

/// Finds the axes that the pins of a reference mean.
struct PinReader {
  let matrix: Matrix
  let findings: Findings

  /// The pinned axes with their values.
  ///
  /// - Parameters:
  ///   - reference: A reference to a node.
  ///   - axes: The node's axes.
  /// - Returns: Values by axis; nil where a pin is wrong, which is reported.
  func pins(of reference: DraftReference, on axes: Set<String>) -> [String: String]? {
    var pins: [String: String] = [:]
    for pin in reference.text.pins {
      guard let (axis, value) = find(pin, reference, on: axes) else { return nil }
      guard pins[axis] == nil else {
        findings.error(
          "'\(reference.text.text)' pins axis '\(axis)' twice",
          at: reference.location,
          hint: "keep one value of the axis"
        )
        return nil
      }
      pins[axis] = value
    }
    return pins
  }

  private func find(_ pin: ReferenceText.Pin, _ reference: DraftReference, on axes: Set<String>)
    -> (axis: String, value: String)?
  {
    if let name = pin.axis, let axis = matrix.axis(name) {
      return named(axis, pin, reference, on: axes)
    }
    // A value may hold '=' itself.
    let text = pin.axis.map { "\($0)=\(pin.value)" } ?? pin.value
    let own = matrix.axes.filter { axes.contains($0.name) }
    let fitting = own.compactMap { axis in value(text, of: axis).map { (axis.name, $0) } }
    if fitting.count == 1 { return fitting[0] }
    if fitting.isEmpty {
      reportUnknown(pin, text, reference, own)
    } else {
      findings.error(
        "'@\(text)' is a value of \(Wording.all(fitting.map(\.0)))",
        at: reference.location,
        hint: "name the axis: \(Wording.choice(fitting.map { "@\($0.0)=\($0.1)" }))"
      )
    }
    return nil
  }

  private func named(
    _ axis: Matrix.Axis,
    _ pin: ReferenceText.Pin,
    _ reference: DraftReference,
    on axes: Set<String>
  ) -> (axis: String, value: String)? {
    guard axes.contains(axis.name) else {
      findings.error(
        "'\(reference.text.name)' has no axis '\(axis.name)' to pin",
        at: reference.location,
        hint: Self.axesHint(matrix.ordered(axes))
      )
      return nil
    }
    guard let value = value(pin.value, of: axis) else {
      let known = axis.values.map(\.text)
      findings.error(
        "axis '\(axis.name)' has no value '\(pin.value)'",
        at: reference.location,
        hint: didYouMean(pin.value, among: known) ?? "its values are \(Wording.all(known))"
      )
      return nil
    }
    return (axis.name, value)
  }

  /// The axis' value that a text means: as written in the matrix, or as it stands in names.
  private func value(_ text: String, of axis: Matrix.Axis) -> String? {
    (axis.value(text) ?? axis.values.first { $0.slug == text })?.text
  }

  private func reportUnknown(
    _ pin: ReferenceText.Pin,
    _ text: String,
    _ reference: DraftReference,
    _ own: [Matrix.Axis]
  ) {
    let name = reference.text.name
    if let axis = pin.axis {
      findings.error(
        "the matrix has no axis '\(axis)'",
        at: reference.location,
        hint: didYouMean(axis, among: matrix.axes.map(\.name)) ?? Self.axesHint(own.map(\.name))
      )
      return
    }
    if let other = matrix.axes.first(where: { value(text, of: $0) != nil }) {
      findings.error(
        "'@\(text)' is a value of axis '\(other.name)', which '\(name)' does not have",
        at: reference.location,
        hint: Self.axesHint(own.map(\.name))
      )
      return
    }
    let known = own.flatMap { $0.values.map(\.text) }
    findings.error(
      "no axis of '\(name)' has the value '\(text)'",
      at: reference.location,
      hint: didYouMean(text, among: known)
        ?? (own.isEmpty ? Self.axesHint([]) : "its values are \(Wording.all(known.prefix(12)))")
    )
  }

  private static func axesHint(_ names: [String]) -> String {
    names.isEmpty
      ? "it has no axes: leave the pin out" : "its axes are \(Wording.all(names))"
  }
}
