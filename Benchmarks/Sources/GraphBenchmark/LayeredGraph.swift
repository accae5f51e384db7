/// A graph of small programs in layers: each node reads two outputs of the layer above.
///
/// The same work for both tools: the first layer checksums its own name, every other node the
/// concatenation of what it reads. `n-3-17` is node 17 of layer 3, both counted from 0.
struct LayeredGraph {
  /// Nodes a layer, the last one possibly less.
  let width: Int
  /// All nodes.
  let count: Int

  struct Node {
    let layer: Int
    let index: Int
    /// The two nodes read; nil in the first layer.
    let inputs: (String, String)?

    var name: String { LayeredGraph.name(layer, index) }
  }

  static func name(_ layer: Int, _ index: Int) -> String { "n-\(layer)-\(index)" }

  /// From the top layer down.
  var nodes: [Node] {
    (0..<count).map { position in
      let (layer, index) = position.quotientAndRemainder(dividingBy: width)
      // Its own column and the next, so that no two nodes of a layer read the same pair.
      let inputs =
        layer == 0
        ? nil : (Self.name(layer - 1, index), Self.name(layer - 1, (index + 1) % width))
      return Node(layer: layer, index: index, inputs: inputs)
    }
  }

  /// The last node, which depends on a triangle of others.
  var lastName: String { nodes.last?.name ?? "" }
}

extension LayeredGraph {
  /// The graph as a workflow of `command` nodes.
  var workflow: String {
    let lines = nodes.map { node in
      guard let (first, second) = node.inputs else {
        return "  \(node.name): {kind: command, shell: 'echo \(node.name) | cksum > out.txt', "
          + "outputs: {out: out.txt}}"
      }
      return "  \(node.name): {kind: command, shell: 'cat \"$A\" \"$B\" | cksum > out.txt', "
        + "inputs: {A: \(first).out, B: \(second).out}, outputs: {out: out.txt}}"
    }
    return "workflow: layers\nnodes:\n" + lines.joined(separator: "\n") + "\n"
  }

  /// The graph as a `build.ninja`.
  var ninjaFile: String {
    let rules = """
      rule first
        command = echo $name | cksum > $out
      rule both
        command = cat $in | cksum > $out

      """
    let builds = nodes.map { node in
      guard let (first, second) = node.inputs else {
        return "build \(node.name): first\n  name = \(node.name)\n"
      }
      return "build \(node.name): both \(first) \(second)\n"
    }
    return rules + builds.joined()
  }
}
