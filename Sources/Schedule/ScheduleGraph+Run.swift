extension ScheduleGraph {
  /// Runs the graph: one task owns the state, children compute and report.
  ///
  /// - Parameters:
  ///   - work: Does one step; says whether it succeeded. Cancelling the caller cancels it.
  ///   - ended: Told of each step that ended, and of those that can no longer run for it. It answers
  ///     whether further steps may start.
  package mutating func run(
    work: @escaping @Sendable (ID) async -> Bool,
    ended: (_ id: ID, _ succeeded: Bool, _ skipped: [ID]) async -> Bool
  ) async {
    await withTaskGroup(of: (ID, Bool).self) { group in
      while true {
        if Task.isCancelled { stop() }
        while let id = start() {
          group.addTask { (id, await work(id)) }
        }
        guard let (id, succeeded) = await group.next() else { return }
        let skipped = finish(id, succeeded: succeeded)
        if await !ended(id, succeeded, skipped) { stop() }
      }
    }
  }
}
