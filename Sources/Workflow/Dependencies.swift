/// Which nodes a node refers to, and an order in which each stands behind those.
struct Dependencies {
  /// Nodes in the order written.
  let nodes: [String]
  /// For each node those it refers to, in the order of their mention, each once.
  let targets: [String: [String]]

  /// The nodes that can be put in order, each as early as its place in the file allows, and those
  /// that a cycle keeps from it.
  func sorted() -> (order: [String], blocked: [String]) {
    let places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
    var waiting = nodes.map { targets[$0, default: []].count }
    var followers: [[Int]] = Array(repeating: [], count: nodes.count)
    for (place, node) in nodes.enumerated() {
      for target in targets[node, default: []] {
        if let index = places[target] { followers[index].append(place) }
      }
    }
    var ready = Heap(nodes.indices.filter { waiting[$0] == 0 })
    var order: [String] = []
    while let place = ready.popLeast() {
      order.append(nodes[place])
      for follower in followers[place] {
        waiting[follower] -= 1
        if waiting[follower] == 0 { ready.insert(follower) }
      }
    }
    return (order, nodes.indices.filter { waiting[$0] > 0 }.map { nodes[$0] })
  }

  /// The cycles that some nodes lie on or lead to.
  ///
  /// - Parameter blocked: Nodes of which each refers to another of them.
  /// - Returns: Each cycle once, as `a, b, c` where `c` refers to `a` again.
  func cycles(among blocked: [String]) -> [[String]] {
    let members = Set(blocked)
    var seen: Set<String> = []
    var cycles: [[String]] = []
    for start in blocked {
      var path: [String] = []
      var node = start
      while seen.insert(node).inserted {
        path.append(node)
        guard let next = targets[node]?.first(where: { members.contains($0) }) else { break }
        node = next
      }
      if let first = path.firstIndex(of: node), seen.contains(node) {
        cycles.append(Array(path[first...]))
      }
    }
    return cycles
  }
}

/// Numbers of which the least is taken first (a binary heap).
private struct Heap {
  private var elements: [Int] = []

  init(_ numbers: [Int]) {
    for number in numbers { insert(number) }
  }

  mutating func insert(_ number: Int) {
    elements.append(number)
    var child = elements.count - 1
    while child > 0, elements[child] < elements[(child - 1) / 2] {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popLeast() -> Int? {
    guard let least = elements.first, let last = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return least }
    elements[0] = last
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < elements.count }
      guard let child = children.min(by: { elements[$0] < elements[$1] }),
        elements[child] < elements[parent]
      else { return least }
      elements.swapAt(child, parent)
      parent = child
    }
  }
}
