import Diagnostics
import YAMLTree

/// Reads the top level of a workflow into an outline.
struct OutlineReader {
  let findings: Findings
  var outline = Outline()

  /// The sections in the order in which they are documented.
  static let sections = [
    "workflow", "description", "parameters", "budget", "in_doubt", "models", "matrix", "exclude",
    "pools", "nodes",
  ]

  /// Sections that later versions bring, refused by name until then.
  static let reserved: [(name: String, meaning: String)] = [
    ("export", "sending results to a tracking server"),
    ("notify", "telling somebody when a run ends"),
    ("executor", "running nodes on other machines"),
  ]

  init(_ findings: Findings) { self.findings = findings }

  /// Reads all sections.
  ///
  /// - Parameters:
  ///   - root: The file's tree.
  ///   - values: Texts of `--set` by the parameter's name.
  mutating func read(_ root: YAMLNode, set values: [String: String]) {
    guard let entries = root.map else {
      findings.error(
        isEmpty(root)
          ? "the workflow is empty" : "a workflow is a map, but here is \(root.found)",
        at: root.location,
        hint: "write 'nodes:' with at least one node; 'distill init' makes an "
          + "example"
      )
      return
    }
    for entry in entries where !Self.sections.contains(entry.key) { reportUnknown(entry) }
    // Names are entered in this order, so that a clash is reported at the later section.
    readTexts(root)
    readParameters(root["parameters"])
    // Before the matrix, whose values may hold parameters.
    ParameterSettings.apply(values, to: &outline, axes: Self.names(root["matrix"]), findings)
    readModels(root["models"])
    readMatrix(root["matrix"])
    readExclusions(root["exclude"])
    readPools(root["pools"])
    readNodes(root["nodes"], root)
  }

  private static func names(_ section: YAMLNode?) -> [String] { section?.map?.map(\.key) ?? [] }

  func isEmpty(_ node: YAMLNode) -> Bool {
    if case .null = node.value { true } else { false }
  }

  private func reportUnknown(_ entry: YAMLNode.Entry) {
    if let reserved = Self.reserved.first(where: { $0.name == entry.key }) {
      findings.error(
        "'\(entry.key)' is reserved for a later version (\(reserved.meaning))",
        at: entry.keyLocation,
        hint: "remove it until then"
      )
      return
    }
    let foreign = ForeignWords.section(for: entry.key).map { "use '\($0)' instead" }
    findings.error(
      "a workflow has no section '\(entry.key)'",
      at: entry.keyLocation,
      hint: foreign ?? didYouMean(entry.key, among: Self.sections)
        ?? "its sections are \(Wording.all(Self.sections))"
    )
  }

  private mutating func readTexts(_ root: YAMLNode) {
    outline.name = text(root["workflow"], "workflow")
    outline.description = text(root["description"], "description")
    outline.budget = root["budget"]
    outline.inDoubt = root["in_doubt"]
  }

  private func text(_ node: YAMLNode?, _ section: String) -> String? {
    guard let node else { return nil }
    guard let text = node.scalarText, !text.isEmpty else {
      findings.error("'\(section)' takes a text, but here is \(node.found)", at: node.location)
      return nil
    }
    return text
  }

  /// The entries of a section that is a map; nothing where it is not written, or wrong.
  func entries(_ node: YAMLNode?, _ section: String, _ example: String) -> [YAMLNode.Entry] {
    guard let node, !isEmpty(node) else { return [] }
    guard let entries = node.map else {
      findings.error(
        "'\(section)' takes a map, but here is \(node.found)",
        at: node.location,
        hint: "write '\(section): \(example)'"
      )
      return []
    }
    return entries
  }

  private mutating func readParameters(_ node: YAMLNode?) {
    for entry in entries(node, "parameters", "{rows: 100}") {
      guard outline.names.enter(entry.key, as: .parameter, at: entry.keyLocation, findings) else {
        continue
      }
      let value = entry.value
      guard value.scalarText != nil, !isEmpty(value) else {
        findings.error(
          "parameter '\(entry.key)' takes a text, a number or true or false, but here is "
            + value.found,
          at: value.location,
          hint: value.list == nil ? nil : "several values to try are an axis of the 'matrix:'"
        )
        continue
      }
      outline.parameters.append(
        Outline.Parameter(name: entry.key, location: entry.keyLocation, value: value)
      )
    }
  }

  private mutating func readModels(_ node: YAMLNode?) {
    outline.models = entries(node, "models", "{teacher: {embedded: tiny-teacher}}").filter {
      outline.names.enter($0.key, as: .model, at: $0.keyLocation, findings)
    }
  }

  private mutating func readPools(_ node: YAMLNode?) {
    for entry in entries(node, "pools", "{gpu: 1}") {
      guard case .integer(let count) = entry.value.value, (1...100_000).contains(count) else {
        findings.error(
          "pool '\(entry.key)' takes a whole number of at least 1, but here is "
            + entry.value.found,
          at: entry.value.location,
          hint: "it says how many nodes may use the pool at once"
        )
        continue
      }
      outline.pools[entry.key] = Int(count)
    }
  }

  private mutating func readNodes(_ node: YAMLNode?, _ root: YAMLNode) {
    let nodes = entries(node, "nodes", "{train: {kind: dataset, …}}")
    if node.map({ isEmpty($0) || $0.map?.isEmpty == true }) ?? true {
      findings.error(
        "the workflow has no nodes",
        at: node?.location ?? root.location,
        hint: "write 'nodes:' with at least one node; 'distill init' makes an example"
      )
    }
    outline.nodes = nodes.filter {
      outline.names.enter($0.key, as: .node, at: $0.keyLocation, findings)
    }
  }
}
