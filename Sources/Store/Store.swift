// Store: bytes under their digest, what each action led to, and every paid call.
//
// It knows files, SQLite and locks. It knows nothing of graphs, node kinds or HTTP. What it writes
// is specified in docs/store.md, so that another program can read it.

import Dispatch
import Primitives

/// One store, open: the folder that `distill.json` marks.
///
/// Any number of processes may have the same store open. Readers wait for nobody; writers share one
/// lock, held for the length of a commit.
package final class Store: Sendable {
  package enum Mode: Sendable {
    /// Makes the store if nothing is there.
    case create
    case existing
    /// Writes nothing, not even a lock file.
    case readOnly
  }

  package let path: String
  package let mode: Mode
  package let objects: ObjectStore
  package let results: Results
  package let runs: Runs
  package let statCache: StatCache
  package let ledger: Ledger

  let layout: StoreLayout
  let index: DatabaseFile
  let owner: Owner?
  /// Held shared by every process that may write, exclusively by `gc`.
  let use: FileLock?

  /// Opens the store at a path.
  ///
  /// - Throws: `.missingStore`, `.notAStore`, `.newerFormat` (then nothing was written),
  ///   `.locksDoNotWork`, damage, or a refusal of the system.
  ///
  /// `onWait` is called if a collection, an import or a repair has the store for itself, and this
  /// waits for its end.
  package static func open(
    at path: String,
    mode: Mode,
    onWait: (@Sendable () -> Void)? = nil
  ) async throws(StoreError) -> Store {
    try await Blocking.storeWork { () throws(StoreError) in
      try Store(at: path, mode: mode, onWait)
    }
  }

  private init(
    at path: String,
    mode: Mode,
    _ onWait: (@Sendable () -> Void)?
  ) throws(StoreError) {
    let layout = StoreLayout(path: path)
    try layout.prepare(mode)
    if mode != .readOnly { try LedgerMigration(layout: layout).runIfNeeded() }
    self.path = path
    self.mode = mode
    self.layout = layout
    if mode == .readOnly {
      use = nil
      owner = nil
    } else {
      use = try FileLock(at: layout.lock("use"))
      if try use?.tryLock(.shared) == false {
        onWait?()
        try use?.lock(.shared)
        // A repair may have left things that are not to be opened.
        try layout.prepare(mode)
      }
      let owner = try Owner(in: layout.locks)
      guard try owner.locksWork() else { throw .locksDoNotWork(path: path) }
      self.owner = owner
      try layout.sweep()
    }
    let objects = ObjectStore(folder: layout.objects, owner: owner, storePath: path)
    self.objects = objects
    index = try DatabaseFile(
      at: layout.index,
      storePath: path,
      schema: IndexSchema.text,
      version: IndexSchema.version,
      durability: .normal,
      lock: owner == nil ? nil : layout.lock("write")
    )
    let spare = owner.map {
      SpareSpace(locks: layout.locks, owner: $0, ledger: layout.ledger)
    }
    let writer = LedgerWriter(spare: spare)
    let calls = try DatabaseFile(
      at: layout.ledger,
      storePath: path,
      schema: LedgerSchema.making,
      version: LedgerSchema.version,
      durability: .full,
      lock: owner == nil ? nil : layout.lock("write"),
      keeper: writer
    )
    results = Results(index: index, objects: objects)
    runs = Runs(index: index, layout: layout, owner: owner)
    statCache = StatCache(index: index)
    ledger = Ledger(
      database: calls,
      writer: writer,
      objects: objects,
      locks: layout.locks,
      owner: owner
    )
  }

  deinit {
    // The last reference may be let go on a queue of the database, where closing would wait for
    // itself.
    DispatchQueue.global().async { [index, ledger, owner] in
      Self.close(index, ledger, owner)
    }
  }

  /// Ends the writers and closes the files.
  ///
  /// What is still asked of the store fails with `.notOpen`.
  ///
  /// The lock of the owner is let go; a claim still open is in doubt from then on.
  package func close() async {
    try? await Blocking.run { self.closeNow() }
  }

  private func closeNow() {
    Self.close(index, ledger, owner)
    use?.unlock()
  }

  private static func close(_ index: DatabaseFile, _ ledger: Ledger, _ owner: Owner?) {
    index.close()
    ledger.database.close()
    ledger.spare?.end()
    owner?.end()
  }
}
