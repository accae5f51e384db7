import Diagnostics

/// Checks that nodes name pools that the workflow declares.
enum PoolNames {
  /// Reports the `pool` of nodes that is none.
  static func check(_ instances: [Instance], declared: [String: Int], _ findings: Findings) {
    for instance in instances {
      guard let name = instance.settings.text("pool"), declared[name] == nil else { continue }
      findings.error(
        "there is no pool '\(name)'",
        at: instance.settings["pool"]?.location,
        hint: didYouMean(name, among: declared.keys.sorted())
          ?? "declare how many nodes may use it at once: 'pools: {\(name): 1}'"
      )
    }
  }
}
