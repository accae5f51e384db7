import Diagnostics
import YAMLTree

/// Puts the settings that `with` names beside the fields that a node has of its own.
struct MergedEntries {
  let scope: Scope

  struct Result {
    /// The node's own entries and then the merged ones.
    var entries: [FieldEntry]
    /// Whether all settings were found, so that a field that is not here is not written.
    var isComplete = true
    /// Whether each of them could be merged.
    var isSound = true
  }

  /// All fields of a node at the scope's point.
  func merge(_ entries: [YAMLNode.Entry], of node: String) -> Result {
    var result = Result(entries: entries.map(FieldEntry.init))
    guard let with = entries.first(where: { $0.key == "with" }) else { return result }
    for name in with.value.list ?? [with.value] {
      guard let settings = settings(name) else {
        result.isComplete = false
        continue
      }
      for setting in settings {
        var entry = FieldEntry(setting)
        entry.notes = [Problem.Note("merged into node '\(node)' here", at: name.location)]
        if !add(entry, to: &result.entries, from: name) { result.isSound = false }
      }
    }
    return result
  }

  private func add(_ entry: FieldEntry, to result: inout [FieldEntry], from with: YAMLNode)
    -> Bool
  {
    if NodeReader.commonFields.contains(entry.key) {
      scope.findings.error(
        "'\(entry.key)' cannot be merged",
        at: entry.keyLocation,
        hint: "write it in the node itself",
        notes: entry.notes
      )
      return false
    }
    guard let other = result.first(where: { $0.key == entry.key }) else {
      result.append(entry)
      return true
    }
    scope.findings.error(
      "'with: \(with.text ?? "")' brings the field '\(entry.key)', which the node has already",
      at: with.location,
      hint: "keep it in one of the two places",
      notes: [
        Problem.Note("in the node", at: other.keyLocation),
        Problem.Note("in the matrix", at: entry.keyLocation),
      ]
    )
    return false
  }

  private func settings(_ node: YAMLNode) -> [YAMLNode.Entry]? {
    guard let text = node.text, !text.isEmpty else {
      scope.findings.error(
        "'with' takes settings of an axis, but here is \(node.found)",
        at: node.location,
        hint: "write 'with: axis.setting'"
      )
      return nil
    }
    let steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let axis = scope.matrix.axis(steps[0]) else {
      let names = scope.matrix.axes.map(\.name)
      scope.findings.error(
        "'with' takes settings of an axis; the matrix has no axis '\(steps[0])'",
        at: node.location,
        hint: didYouMean(steps[0], among: names)
      )
      return nil
    }
    switch scope.find(steps) {
    case .pending: return nil
    case .nothing(let message, let hint):
      scope.findings.error(
        message,
        at: node.location,
        hint: hint,
        notes: [Problem.Note("the axis", at: axis.location)]
      )
      return nil
    case .value(let value):
      if steps.count == 1, let point = scope.point[axis.name].flatMap({ axis.value($0) }) {
        if let entries = point.settings?.map { return entries }
      }
      guard let entries = value.map else {
        scope.findings.error(
          "'with' takes a map of settings, but '\(text)' is \(value.found)",
          at: node.location,
          hint: "write '${\(text)}' to put in a single value"
        )
        return nil
      }
      return entries
    }
  }
}
