package import Diagnostics
package import Primitives

/// A workflow without errors: what a run needs to know of the file.
package struct CheckedWorkflow: Sendable {
  /// The name given, else the file's name without its ending.
  package let name: String
  package let description: String?
  /// Absolute path of the file.
  package let path: String
  /// The file's bytes; their digest stands in the run record.
  package let bytes: [UInt8]
  /// Parameters after `--set`.
  package let parameters: JSONObject
  /// The hard limit of the `budget:` field on all that the workflow's calls ever cost.
  package let budget: Money?
  /// What is written under `in_doubt:`; without it a call in doubt is sent again once, ever.
  package let inDoubt: InDoubtChoice?
  /// Local resources by name with how many may be in use at once.
  package let pools: [String: Int]
  package let expansion: Expansion
  /// Nodes in the order written, with their axes: for `check`, `plan` and `graph`.
  package let nodes: [NodeSummary]
  package let warnings: [Problem]

  package struct NodeSummary: Sendable {
    package let name: String
    package let kind: String
    /// Axes in matrix order with how many points each has: `dataset (12) × style (2) = 24`.
    package let axes: [(name: String, count: Int)]
    package let instances: [InstanceID]
    package let location: Location

    package init(
      name: String,
      kind: String,
      axes: [(name: String, count: Int)],
      instances: [InstanceID],
      location: Location
    ) {
      self.name = name
      self.kind = kind
      self.axes = axes
      self.instances = instances
      self.location = location
    }
  }

  package init(
    name: String,
    description: String?,
    path: String,
    bytes: [UInt8],
    parameters: JSONObject,
    budget: Money?,
    inDoubt: InDoubtChoice?,
    pools: [String: Int],
    expansion: Expansion,
    nodes: [NodeSummary],
    warnings: [Problem]
  ) {
    self.name = name
    self.description = description
    self.path = path
    self.bytes = bytes
    self.parameters = parameters
    self.budget = budget
    self.inDoubt = inDoubt
    self.pools = pools
    self.expansion = expansion
    self.nodes = nodes
    self.warnings = warnings
  }
}
