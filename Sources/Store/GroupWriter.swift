import GRDB

/// Runs groups of jobs in transactions, under the lock that all writers share.
///
/// `@unchecked Sendable`: it is handed to the writer's thread, and used there alone.
final class GroupWriter: @unchecked Sendable {
  private let pool: DatabasePool
  private let path: String
  private let lock: FileLock
  private let keeper: (any TransactionKeeper)?
  private let durability: DatabaseFile.Durability
  /// Jobs since the WAL was last copied into the database.
  private var jobsSinceCheckpoint = 0

  /// About 32 MiB of WAL.
  ///
  /// Keys come in random order, so the longer the log, the more of its pages are copies of one page;
  /// but copying them holds up whoever waits for a commit, here for some tens of milliseconds.
  private static let jobsPerCheckpoint = 8000

  init(
    pool: DatabasePool,
    path: String,
    lock: consuming FileLock,
    durability: DatabaseFile.Durability,
    keeper: (any TransactionKeeper)?
  ) {
    self.pool = pool
    self.path = path
    self.lock = lock
    self.durability = durability
    self.keeper = keeper
  }

  /// Commits a group, and tells each job what became of it.
  func commit(_ group: [any CommitJob]) {
    let outcomes: [StoreError?]
    do throws(StoreError) {
      try lock.lock(.exclusive)
      outcomes = transact(group)
      jobsSinceCheckpoint += group.count
      if jobsSinceCheckpoint >= GroupWriter.jobsPerCheckpoint { checkpoint() }
      lock.unlock()
    } catch {
      outcomes = group.map { _ in error }
    }
    for (job, error) in zip(group, outcomes) { job.finish(error) }
  }

  /// Closes the database.
  ///
  /// Copies the WAL first: what is opened next finds little to read there.
  func close() {
    let locked = (try? lock.lock(.exclusive)) != nil
    checkpoint()
    keeper?.close()
    try? pool.close()
    if locked { lock.unlock() }
  }

  /// One transaction for all; if that fails, one for each, so that only the culprit is told no, and
  /// an answer that is paid for is written again after an error that passes.
  ///
  /// On a full disk what is to be recorded gets the space that was kept for it; what would be bought
  /// next is told no, since it would take that space.
  private func transact(_ group: [any CommitJob]) -> [StoreError?] {
    guard let error = transactTogether(group) else { return group.map { _ in nil } }
    guard error.isDiskFull else { return group.map { transactTogether([$0]) } }
    if group.contains(where: { $0.purpose != .claim }) { keeper?.makeRoom() }
    return group.map { $0.purpose == .claim ? error : transactTogether([$0]) }
  }

  private func transactTogether(_ group: [any CommitJob]) -> StoreError? {
    do {
      try pool.writeWithoutTransaction { db in
        let isMilestone = group.contains { $0.purpose == .milestone }
        if isMilestone { try DatabaseFile.Durability.full.set(on: db) }
        defer { if isMilestone { try? durability.set(on: db) } }
        try db.inTransaction(.immediate) {
          try keeper?.begin()
          for job in group { try job.run(db) }
          try keeper?.finish(db)
          return .commit
        }
      }
      return nil
    } catch {
      keeper?.rollBack()
      return StoreError(error, database: path)
    }
  }

  /// Copies what no reader holds back.
  ///
  /// It failing costs nothing: the WAL is still there.
  private func checkpoint() {
    jobsSinceCheckpoint = 0
    _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(.passive) }
  }
}
