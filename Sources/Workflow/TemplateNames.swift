import Diagnostics

/// Names of library templates, `task/style`, wherever a workflow writes one.
struct TemplateNames {
  let library: [String]
  /// Designed and not there yet.
  let notYet: Set<String>

  /// Reports the `use` of `select-template` nodes that names no template.
  func check(_ instances: [Instance], _ findings: Findings) {
    for instance in instances where instance.kind.name == "select-template" {
      guard let name = instance.settings.text("use"), !library.contains(name) else { continue }
      reportUnknown(name, at: instance.settings["use"]?.location, findings)
    }
  }

  func reportUnknown(_ name: String, at location: Location?, _ findings: Findings) {
    guard !notYet.contains(name) else {
      findings.error(
        "library template '\(name)' is not there yet",
        at: location,
        hint: "it comes with a later version; until then write one of your own and name it by "
          + "'file:' in a select-template node"
      )
      return
    }
    findings.error(
      "there is no library template '\(name)'",
      at: location,
      hint: didYouMean(name, among: library)
        ?? (library.isEmpty
          ? "a template of your own is named by 'file:' in a select-template node"
          : "the library has \(Wording.all(library))")
    )
  }
}
