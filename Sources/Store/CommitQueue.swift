import Foundation
import GRDB
import Synchronization

/// The one writer of a database: a thread that commits what many tasks want in one transaction.
///
/// While one transaction waits for the disk, the next gathers; so durability costs one fdatasync a
/// group, not one a call. Every transaction and checkpoint holds the flock on `locks/write`: SQLite
/// before 3.51.3 can damage a WAL that is reset while another process writes.
final class CommitQueue: Sendable {
  private struct State {
    var pending: [any CommitJob] = []
    var closed = false
  }

  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let storePath: String

  /// Starts the thread.
  ///
  /// Nobody else writes to the pool from here on, and the queue closes it.
  init(
    pool: DatabasePool,
    path: String,
    storePath: String,
    lockPath: String,
    durability: DatabaseFile.Durability,
    keeper: (any TransactionKeeper)?
  ) throws(StoreError) {
    self.storePath = storePath
    let lock = try FileLock(at: lockPath)
    let writer = GroupWriter(
      pool: pool,
      path: path,
      lock: lock,
      durability: durability,
      keeper: keeper
    )
    let thread = Thread { [self] in run(writer) }
    thread.name = "distill-writer"
    thread.start()
  }

  /// Runs a body in the next transaction; returns when that is committed.
  func perform<T: Sendable>(
    _ purpose: WritePurpose,
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    let result: Result<T, StoreError> = await withCheckedContinuation { continuation in
      let job = TypedJob(purpose: purpose, body: body) { continuation.resume(returning: $0) }
      // The thread is woken once for a group, by its first job.
      let (accepted, isFirst) = state.withLock { state in
        guard !state.closed else { return (false, false) }
        state.pending.append(job)
        return (true, state.pending.count == 1)
      }
      if isFirst { work.signal() }
      if !accepted { job.finish(.notOpen(path: storePath)) }
    }
    return try result.get()
  }

  /// Commits what was asked for so far, closes the database and ends the thread.
  ///
  /// Blocks.
  func close() {
    let first = state.withLock { state in
      defer { state.closed = true }
      return !state.closed
    }
    guard first else { return }
    work.signal()
    ended.wait()
  }

  private func run(_ writer: GroupWriter) {
    while true {
      work.wait()
      let (group, closed) = state.withLock { state in
        defer { state.pending.removeAll() }
        return (state.pending, state.closed)
      }
      if !group.isEmpty { writer.commit(group) }
      if closed { break }
    }
    writer.close()
    ended.signal()
  }
}

/// What a write is for: it decides what becomes of it on a full disk, and when power fails.
enum WritePurpose: Sendable {
  /// Comes before something is bought: on a full disk nothing is.
  case claim
  /// What became of what was bought; it may take the space that was kept for it.
  case record
  /// As a record, and on the disk when it is committed, also in a database that is not so careful.
  case milestone
}

/// A body that waits for its transaction.
protocol CommitJob: Sendable {
  var purpose: WritePurpose { get }
  func run(_ db: Database) throws
  /// Tells who asked: the result of the last `run`, or why there is none.
  func finish(_ error: StoreError?)
}

/// `CommitJob` for a body of one type.
///
/// `@unchecked Sendable`: `result` is touched on the writer's thread alone.
private final class TypedJob<T: Sendable>: CommitJob, @unchecked Sendable {
  let purpose: WritePurpose
  private let body: @Sendable (Database) throws -> T
  private let tell: @Sendable (Result<T, StoreError>) -> Void
  private var result: T?

  init(
    purpose: WritePurpose,
    body: @escaping @Sendable (Database) throws -> T,
    tell: @escaping @Sendable (Result<T, StoreError>) -> Void
  ) {
    self.purpose = purpose
    self.body = body
    self.tell = tell
  }

  func run(_ db: Database) throws { result = try body(db) }

  func finish(_ error: StoreError?) {
    if let error { return tell(.failure(error)) }
    guard let result else { preconditionFailure("BUG: a job was committed before it ran") }
    tell(.success(result))
  }
}
