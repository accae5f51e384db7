/// The rule of the layers: a module imports only modules from rows above it in `Package.swift`,
/// only those that it declares there, and nothing else but what every toolchain has.
struct LayerRule {
  let manifest: Manifest

  /// Modules that come with Swift or the system.
  ///
  /// A further one is added here on purpose.
  static let toolchain: Set<String> = [
    "Darwin", "Dispatch", "Foundation", "Glibc", "Synchronization", "System",
  ]

  /// What is wrong with the declarations themselves.
  func violations() -> [String] {
    manifest.modules.flatMap { module in
      module.dependencies.compactMap { dependency in
        isAbove(dependency, module) == false
          ? "Package.swift: '\(module.name)' depends on '\(dependency)', which does not stand above it"
          : nil
      }
    }
  }

  /// What is wrong with one import; nil where it keeps the rule.
  func violation(_ line: ImportLine) -> String? {
    guard let module = manifest.module(ofFile: line.file) else {
      return "\(line.file): belongs to no target of Package.swift"
    }
    guard !Self.toolchain.contains(line.module) else { return nil }
    let place = "\(line.file):\(line.line): '\(module.name)' imports '\(line.module)'"
    if isAbove(line.module, module) == false { return "\(place), which does not stand above it" }
    guard module.dependencies.contains(line.module) else {
      return "\(place), which Package.swift does not list for it"
    }
    return nil
  }

  /// Whether a module stands in a row above another; nil for what is not of this package.
  private func isAbove(_ name: String, _ module: Manifest.Module) -> Bool? {
    guard let upper = manifest.position(of: name), let lower = manifest.position(of: module.name)
    else { return nil }
    return upper < lower
  }
}
