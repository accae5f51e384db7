import Diagnostics

/// Finds the axes of every node: those that it mentions and those of what it refers to, less the
/// pinned ones.
struct AxisInference {
  let matrix: Matrix
  let finder: TargetFinder
  let findings: Findings

  /// What is known of the nodes once references are followed by name.
  struct Result {
    /// Nodes in an order where each stands behind those it refers to.
    var order: [String] = []
    /// Axes of each node.
    var axes: [String: Set<String>] = [:]
    /// Nodes that are right, and refer only to such nodes.
    var sound: Set<String> = []
    /// Library templates that are referred to, in the order of their first mention.
    var templates: [String] = []
  }

  /// A reference with what it names; the same text of the same field is looked up once.
  private struct Edge {
    let reference: DraftReference
    let target: NodeDraft
  }

  func infer(_ drafts: [NodeDraft]) -> Result {
    var result = Result()
    var edges: [String: [Edge]] = [:]
    var broken: Set<String> = []
    for draft in drafts {
      edges[draft.name] = self.edges(of: draft, &result, &broken)
    }
    let dependencies = Dependencies(
      nodes: drafts.map(\.name),
      targets: edges.mapValues { Self.unique($0.map(\.target.name)) }
    )
    let (order, blocked) = dependencies.sorted()
    for cycle in dependencies.cycles(among: blocked) { report(cycle, edges) }
    result.order = order

    let byName = Dictionary(uniqueKeysWithValues: drafts.map { ($0.name, $0) })
    for name in order {
      guard let draft = byName[name] else { continue }
      let own = edges[name, default: []]
      var isSound = draft.isSound && !broken.contains(name)
      let inferred = axes(of: draft, own, result.axes, &isSound)
      result.axes[name] = written(draft, inferred, own, &isSound)
      if isSound, own.allSatisfy({ result.sound.contains($0.target.name) }) {
        result.sound.insert(name)
      }
    }
    return result
  }

  private func edges(of draft: NodeDraft, _ result: inout Result, _ broken: inout Set<String>)
    -> [Edge]
  {
    var texts: [Location: Set<ReferenceText>] = [:]
    var edges: [Edge] = []
    for reference in draft.references {
      guard texts[reference.location, default: []].insert(reference.text).inserted else { continue }
      switch finder.find(reference) {
      case nil: broken.insert(draft.name)
      case .model: break
      case .template(let name):
        if !result.templates.contains(name) { result.templates.append(name) }
      case .node(let target, _): edges.append(Edge(reference: reference, target: target))
      }
    }
    return edges
  }

  /// Axes that the node mentions or takes over.
  private func axes(
    of draft: NodeDraft,
    _ edges: [Edge],
    _ known: [String: Set<String>],
    _ isSound: inout Bool
  ) -> Set<String> {
    var axes = draft.ownAxes
    let pinReader = PinReader(matrix: matrix, findings: findings)
    for edge in edges {
      guard let theirs = known[edge.target.name] else { continue }
      guard let pins = pinReader.pins(of: edge.reference, on: theirs) else {
        isSound = false
        continue
      }
      if !edge.reference.type.isWide { axes.formUnion(theirs.subtracting(pins.keys)) }
    }
    return axes
  }

  /// The axes that `each` lists, if it is written and wide enough.
  private func written(
    _ draft: NodeDraft,
    _ inferred: Set<String>,
    _ edges: [Edge],
    _ isSound: inout Bool
  ) -> Set<String> {
    guard let each = draft.each else { return inferred }
    let missing = matrix.ordered(inferred.subtracting(each.axes))
    guard !missing.isEmpty else { return each.axes }
    isSound = false
    findings.error(
      "'each' of node '\(draft.name)' leaves out \(Wording.all(missing)), on which the node depends",
      at: each.location,
      hint: "add \(Wording.all(missing)) to 'each', or pin a value: 'node@value'"
    )
    return inferred
  }

  private func report(_ cycle: [String], _ edges: [String: [Edge]]) {
    let path = (cycle + cycle.prefix(1)).joined(separator: " → ")
    let steps = cycle.indices.compactMap { index -> Problem.Note? in
      let next = cycle[(index + 1) % cycle.count]
      let edge = edges[cycle[index]]?.first { $0.target.name == next }
      return edge.map {
        Problem.Note("'\(cycle[index])' needs '\(next)'", at: $0.reference.location)
      }
    }
    findings.error(
      cycle.count == 1
        ? "node '\(cycle[0])' needs itself" : "the nodes need each other in a circle: \(path)",
      at: steps.first?.location,
      hint: "a node can use only what comes before it",
      notes: cycle.count == 1 ? [] : Array(steps.dropFirst())
    )
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
