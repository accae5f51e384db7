import Diagnostics
import YAMLTree

extension FieldReader {
  func reference(_ node: YAMLNode, _ type: FieldType.Reference, field: String) -> DraftValue? {
    guard let text = node.text, !text.isEmpty else {
      mismatch(node, .reference(type), field: field, hint: Self.inlineHint(node, type))
      return nil
    }
    guard let target = follow(ReferenceText(text), at: node.location) else { return nil }
    let reference = DraftReference(
      text: target,
      type: type,
      field: field,
      location: node.location
    )
    return DraftValue(.reference(reference), at: node.location)
  }

  /// The reference, or where its name is an axis, the reference that is the axis' value here.
  private func follow(_ text: ReferenceText, at location: Location) -> ReferenceText? {
    guard let axis = scope.matrix.axis(text.name), let needs = scope.needs else { return text }
    findings.used.insert(axis.name)
    guard let value = scope.point[axis.name].flatMap({ axis.value($0) }) else {
      needs.axes.insert(axis.name)
      return nil
    }
    guard let written = value.node.text else {
      findings.error(
        "axis '\(axis.name)' has the value \(value.text), which is no reference",
        at: location,
        hint: "write '${\(axis.name)}' where its value is meant as a number or text",
        notes: [Problem.Note("the axis", at: axis.location)]
      )
      return nil
    }
    let target = ReferenceText(written)
    guard scope.matrix.axis(target.name) == nil else {
      findings.error(
        "axis '\(axis.name)' has the value '\(written)', which is an axis again",
        at: location,
        hint: "name the axis that is meant",
        notes: [Problem.Note("the axis", at: axis.location)]
      )
      return nil
    }
    return target.adding(output: text.output, pins: text.pins)
  }

  private static func inlineHint(_ node: YAMLNode, _ type: FieldType.Reference) -> String? {
    switch node.value {
    case .map: "make it a node of its own and write the node's name"
    case .list: "the field takes one reference"
    default: nil
    }
  }
}
