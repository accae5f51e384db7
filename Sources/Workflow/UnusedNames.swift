import Diagnostics
import YAMLTree
import YAMLTree

/// Warns of names that nothing refers to: mostly leftovers, sometimes a forgotten reference.
struct UnusedNames {
  let outline: Outline
  let drafts: [NodeDraft]
  let findings: Findings

  /// What is only ever of use to another node.
  private static let intermediate: Set<ArtifactType> = [.dataset, .template, .decoding]

  func warn() {
    for parameter in outline.parameters where !findings.used.contains(parameter.name) {
      findings.warning(
        "parameter '\(parameter.name)' is not used",
        at: parameter.location,
        hint: "write '\"${\(parameter.name)}\"' where it is meant, or remove it"
      )
    }
    for axis in outline.matrix.axes where !findings.used.contains(axis.name) {
      findings.warning(
        "axis '\(axis.name)' is not used",
        at: axis.location,
        hint: "no node mentions it, so nothing runs for each of its values"
      )
    }
    for model in outline.models where !findings.used.contains(model.key) {
      findings.warning(
        "model '\(model.key)' is not used",
        at: model.keyLocation,
        hint: "remove it"
      )
    }
    // A workflow of nothing but datasets or templates is there for them.
    guard drafts.contains(where: { !isIntermediate($0) }) else { return }
    for draft in drafts where isIntermediate(draft) && !findings.used.contains(draft.name) {
      findings.warning(
        "nothing uses node '\(draft.name)'",
        at: draft.location,
        hint: "it runs all the same; remove it if it is a leftover"
      )
    }
  }

  private func isIntermediate(_ draft: NodeDraft) -> Bool {
    Self.intermediate.isSuperset(of: draft.kind.outputs)
  }
}
