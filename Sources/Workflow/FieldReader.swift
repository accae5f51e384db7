import Diagnostics
import Primitives
import YAMLTree

/// Reads values of fields at a point of the matrix: checks them against their types, puts in what
/// `${…}` stands for, and reports what does not fit.
struct FieldReader {
  let scope: Scope
  let files: FileLookup
  /// The workflow's folder, absolute.
  let folder: String
  let notYet: NotYet

  var findings: Findings { scope.findings }

  /// Reads one value.
  ///
  /// - Parameters:
  ///   - written: The value as it stands in the file.
  ///   - type: What may stand there.
  ///   - field: The field's name as messages give it: `limit`, `grid.temperature`.
  /// - Returns: The value; nil where it is wrong, which is reported, or still pending.
  func read(_ written: YAMLNode, as type: FieldType, field: String) -> DraftValue? {
    guard let node = scope.expand(written) else { return nil }
    if case .null = node.value, !type.takesNull {
      findings.error(
        "'\(field)' is empty",
        at: node.location,
        hint: "write \(type.wanted), or leave the field out"
      )
      return nil
    }
    switch type {
    case .text, .integer, .number, .boolean, .percent, .duration, .date, .choice, .any:
      return scalar(node, as: type, field: field).map { DraftValue(.json($0), at: node.location) }
    case .path: return path(node, field: field)
    case .reference(let reference): return self.reference(node, reference, field: field)
    case .axis: return axis(node, field: field)
    case .list(let element): return list(node, of: element, type, field: field)
    case .oneOrMany(let element):
      if node.list != nil { return list(node, of: element, type, field: field) }
      return read(node, as: element, field: field).map { DraftValue(.list([$0]), at: $0.location) }
    case .map(let element): return map(node, of: element, type, field: field)
    case .record(let fields): return record(node, fields, type, field: field)
    case .either(let types): return either(node, types, type, field: field)
    }
  }

  /// Reports that a value does not fit.
  func mismatch(_ node: YAMLNode, _ type: FieldType, field: String, hint: String? = nil) {
    findings.error(
      "'\(field)' takes \(type.wanted), but here is \(node.found)",
      at: node.location,
      hint: hint
    )
  }

  private func path(_ node: YAMLNode, field: String) -> DraftValue? {
    guard let written = node.text, !written.isEmpty else {
      mismatch(node, .path, field: field)
      return nil
    }
    let path = WorkflowPath.absolute(written, in: folder)
    guard files.kind(path) != nil else {
      findings.error(
        "there is no file '\(written)'",
        at: node.location,
        hint: missingFileHint(written, path)
      )
      return nil
    }
    return DraftValue(.path(path, written: written), at: node.location)
  }

  private func missingFileHint(_ written: String, _ path: String) -> String {
    let (parent, name) = WorkflowPath.split(path)
    let place = "paths are relative to the workflow: looked for '\(path)'"
    guard let near = NearestFit.find(name, among: files.names(parent)) else { return place }
    return "did you mean '\(written.dropLast(name.count))\(near)'? \(place)"
  }

  private func axis(_ node: YAMLNode, field: String) -> DraftValue? {
    let names = scope.matrix.axes.map(\.name)
    guard let name = node.text, scope.matrix.axis(name) != nil else {
      guard let name = node.text else {
        mismatch(node, .axis, field: field)
        return nil
      }
      findings.error(
        "'\(field)' takes the name of an axis; the matrix has no axis '\(name)'",
        at: node.location,
        hint: didYouMean(name, among: names)
          ?? (names.isEmpty
            ? "the workflow has no 'matrix:'" : "its axes are \(Wording.all(names))")
      )
      return nil
    }
    findings.used.insert(name)
    return DraftValue(.json(.string(name)), at: node.location)
  }
}

extension FieldType {
  /// Whether an empty value says something.
  fileprivate var takesNull: Bool { if case .any = self { true } else { false } }
}
