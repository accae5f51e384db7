// Schedule: which steps of a graph may start, in what order, within what limits.
// It knows ids, edges, weights and pools; it knows nothing about YAML or what steps do.

/// A step as the scheduler sees it.
package struct ScheduleStep<ID: Hashable & Sendable>: Sendable {
  package let id: ID
  /// Steps that must have succeeded before.
  package let dependencies: [ID]
  /// How long it may take, in any unit; only the comparison counts.
  package let weight: Double
  /// Pools of which it holds one slot each while it runs.
  package let pools: [String]

  package init(id: ID, dependencies: [ID], weight: Double, pools: [String]) {
    self.id = id
    self.dependencies = dependencies
    self.weight = weight
    self.pools = pools
  }
}

/// How a step stands.
///
/// ```
/// waiting ──▶ ready ──▶ running ──▶ succeeded
///    │                     └──────▶ failed
///    └──▶ skipped   (something it depends on failed or was skipped)
/// ```
package enum StepState: String, Hashable, Sendable {
  case waiting, ready, running, succeeded, failed, skipped

  package var isFinal: Bool {
    switch self {
    case .succeeded, .failed, .skipped: true
    case .waiting, .ready, .running: false
    }
  }
}

/// A run's state as plain values, changed by pure transitions: `start`, `finish`, `stop`.
package struct ScheduleGraph<ID: Hashable & Sendable>: Sendable {
  private struct Entry {
    let id: ID
    let pools: [Int]
    var dependents: [Int] = []
    /// Dependencies that have not succeeded yet.
    var missing: Int
    /// Weight of the longest path from here to an end, this step included.
    var remaining: Double
    var state: StepState = .waiting
  }

  private var entries: [Entry] = []
  private var positions: [ID: Int] = [:]
  private var free: [Int]
  private var ready: [Int] = []
  private var isStopping = false

  /// Builds the graph; every dependency must be among the steps, and there must be no cycle.
  ///
  /// - Parameters:
  ///   - steps: All steps, in any order. Among equals the earlier one starts first.
  ///   - limits: Slots of each pool. A step that names another pool is a bug.
  package init(_ steps: [ScheduleStep<ID>], limits: [String: Int]) {
    let names = limits.keys.sorted()
    free = names.map { limits[$0] ?? 0 }
    for step in steps {
      let pools = step.pools.map { name in
        guard let pool = names.firstIndex(of: name), free[pool] > 0 else {
          preconditionFailure("BUG: step takes a slot of pool '\(name)', which has none")
        }
        return pool
      }
      precondition(positions[step.id] == nil, "BUG: two steps have one id")
      positions[step.id] = entries.count
      entries.append(
        Entry(id: step.id, pools: pools, missing: step.dependencies.count, remaining: step.weight)
      )
    }
    connect(steps)
    weigh()
    ready = entries.indices.filter { entries[$0].missing == 0 }
    for position in ready { entries[position].state = .ready }
  }

  private mutating func connect(_ steps: [ScheduleStep<ID>]) {
    for (position, step) in steps.enumerated() {
      for dependency in step.dependencies {
        guard let source = positions[dependency] else {
          preconditionFailure("BUG: a step depends on one that is not in the graph")
        }
        entries[source].dependents.append(position)
      }
    }
  }

  /// Longest path to an end for each step, from the ends up.
  private mutating func weigh() {
    var missing = entries.map(\.missing)
    var order = entries.indices.filter { missing[$0] == 0 }
    var index = 0
    while index < order.count {
      for dependent in entries[order[index]].dependents {
        missing[dependent] -= 1
        if missing[dependent] == 0 { order.append(dependent) }
      }
      index += 1
    }
    precondition(order.count == entries.count, "BUG: the graph has a cycle")
    for position in order.reversed() {
      let longest = entries[position].dependents.map { entries[$0].remaining }.max() ?? 0
      entries[position].remaining += longest
    }
  }
}

// MARK: - Transitions

extension ScheduleGraph {
  /// Starts the ready step with the longest remaining path whose pools have a free slot; nil when
  /// there is none.
  package mutating func start() -> ID? {
    guard !isStopping else { return nil }
    var best: Int?
    for (index, position) in ready.enumerated() {
      let entry = entries[position]
      guard entry.pools.allSatisfy({ free[$0] > 0 }) else { continue }
      guard let current = best else {
        best = index
        continue
      }
      let chosen = entries[ready[current]]
      let isLonger = entry.remaining > chosen.remaining
      let isEarlier = entry.remaining == chosen.remaining && position < ready[current]
      if isLonger || isEarlier { best = index }
    }
    guard let best else { return nil }
    let position = ready.remove(at: best)
    for pool in entries[position].pools { free[pool] -= 1 }
    entries[position].state = .running
    return entries[position].id
  }

  /// Ends a running step.
  ///
  /// - Returns: The steps that can no longer run because this one failed.
  @discardableResult
  package mutating func finish(_ id: ID, succeeded: Bool) -> [ID] {
    guard let position = positions[id], entries[position].state == .running else {
      preconditionFailure("BUG: a step ended that was not running")
    }
    for pool in entries[position].pools { free[pool] += 1 }
    entries[position].state = succeeded ? .succeeded : .failed
    guard succeeded else { return skipDependents(of: position) }
    for dependent in entries[position].dependents {
      entries[dependent].missing -= 1
      if entries[dependent].missing == 0, entries[dependent].state == .waiting {
        entries[dependent].state = .ready
        ready.append(dependent)
      }
    }
    return []
  }

  private mutating func skipDependents(of position: Int) -> [ID] {
    var skipped: [ID] = []
    var pending = entries[position].dependents
    while let next = pending.popLast() {
      guard entries[next].state == .waiting else { continue }
      entries[next].state = .skipped
      skipped.append(entries[next].id)
      pending += entries[next].dependents
    }
    return skipped
  }

  /// Starts nothing more; what runs may end.
  package mutating func stop() { isStopping = true }

  package func state(of id: ID) -> StepState? { positions[id].map { entries[$0].state } }

  /// Whether nothing runs and nothing can start any more.
  package var isDone: Bool {
    !entries.contains { $0.state == .running } && (isStopping || ready.isEmpty)
  }
}
