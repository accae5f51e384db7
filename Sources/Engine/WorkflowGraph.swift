package import Workflow

/// The shape of a workflow: nodes or instances, and what refers to what.
package struct WorkflowGraph: Sendable {
  private struct Vertex {
    let name: String
    let label: String
  }

  private var vertices: [Vertex] = []
  private var edges: [(from: Int, to: Int)] = []

  /// Builds the graph of every instance, or of every node once.
  package init(_ workflow: CheckedWorkflow, byInstance: Bool) {
    let expansion = workflow.expansion
    var positions: [String: Int] = [:]
    func name(_ instance: Instance) -> String { byInstance ? instance.id.text : instance.node }
    for instance in expansion.instances where positions[name(instance)] == nil {
      positions[name(instance)] = vertices.count
      vertices.append(Vertex(name: name(instance), label: instance.kind.name))
    }
    var seen: Set<[Int]> = []
    for instance in expansion.instances {
      for binding in Binding.all(of: instance, in: expansion) {
        guard let id = binding.dependency, let source = expansion[id],
          let from = positions[name(source)], let to = positions[name(instance)],
          seen.insert([from, to]).inserted
        else { continue }
        edges.append((from, to))
      }
    }
  }

  /// A flowchart for Mermaid.
  package var mermaid: String {
    var lines = ["flowchart TD"]
    for (index, vertex) in vertices.enumerated() {
      lines.append("  n\(index)[\"\(Self.escaped(vertex.name))<br/><i>\(vertex.label)</i>\"]")
    }
    lines += edges.map { "  n\($0.from) --> n\($0.to)" }
    return lines.joined(separator: "\n")
  }

  /// A digraph for Graphviz.
  package var dot: String {
    var lines = ["digraph workflow {", "  node [shape=box];"]
    for (index, vertex) in vertices.enumerated() {
      lines.append("  n\(index) [label=\"\(Self.escaped(vertex.name))\\n\(vertex.label)\"];")
    }
    lines += edges.map { "  n\($0.from) -> n\($0.to);" }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Names are `[a-z][a-z0-9-]*`, but axis values may hold anything.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\"", "\\", "<", ">", "&", "\n", "\r": result += "_"
      default: result.append(character)
      }
    }
    return result
  }
}
