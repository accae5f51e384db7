#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Primitives

extension StoreRepair {
  mutating func repairLedger(_ found: VerifyReport) throws(StoreError) {
    guard try !isLedgerSound(found) else { return }
    let lock = try FileLock(at: layout.lock("write"))
    try lock.lock(.exclusive)
    defer { lock.unlock() }
    let making = "\(layout.path)/\(StoreLayout.salvagePrefix)ledger.sqlite"
    let salvage = LedgerSalvage(source: layout.ledger, target: making, objects: objects)
    report.lost = try salvage.run()
    try FileSystem.makePrivate(making)
    try FileDescriptor(opening: making, O_RDONLY).synchronize()
    try FileSystem.rename(making, to: layout.salvagedLedger)
    try FileSystem.synchronizeFolder(layout.path)
    try placeSalvagedLedger()
    note("wrote the ledger anew from what can be read of it")
  }

  /// Whether the ledger says nothing wrong, now that damaged objects are away.
  private func isLedgerSound(_ found: VerifyReport) throws(StoreError) -> Bool {
    let files = [layout.ledger, layout.ledger + "-wal"]
    let isBroken = found.problems.contains { problem in
      files.contains { UTF8Order.equal($0, problem.place) }
    }
    guard !isBroken else { return false }
    var audit = StoreAudit(layout: layout)
    try audit.auditLedger()
    return audit.report.isSound && audit.report.lost.count == 0
  }

  /// From the moment the salvaged ledger has its name, it is the ledger: whoever was killed on the
  /// way is followed by somebody who goes on here.
  mutating func placeSalvagedLedger() throws(StoreError) {
    try quarantine.takeDatabase(layout.ledger)
    try FileSystem.rename(layout.salvagedLedger, to: layout.ledger)
    try FileSystem.synchronizeFolder(layout.path)
    report.quarantine = quarantine.folder
  }
}
