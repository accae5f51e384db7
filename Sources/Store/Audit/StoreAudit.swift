import Primitives

/// Looks at everything in a store from outside, so that nothing of it has to open.
///
/// Damage is reported, not thrown; what is thrown are refusals of the system, and stores that are
/// none of this release's. Blocks.
struct StoreAudit {
  let layout: StoreLayout
  let objects: ObjectStore
  var report = VerifyReport()

  init(layout: StoreLayout) {
    self.layout = layout
    objects = ObjectStore(folder: layout.objects, owner: nil, storePath: layout.path)
  }

  /// Calls back with the number of objects read so far.
  mutating func run(
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws(StoreError) -> VerifyReport {
    try auditMarker()
    try auditObjects(progress)
    if try auditDatabase(at: layout.index, IndexSchema.text, IndexSchema.version) {
      try noting { (audit) throws(StoreError) in try audit.auditIndex() }
    }
    if try auditDatabase(at: layout.ledger, LedgerSchema.text, LedgerSchema.version) {
      try noting { (audit) throws(StoreError) in try audit.auditLedger() }
    }
    try auditRuns()
    return report
  }

  // MARK: Marker

  private mutating func auditMarker() throws(StoreError) {
    do throws(StoreError) {
      guard try layout.markedFormat() != nil else { throw .missingStore(path: layout.path) }
    } catch .damagedFile(let path, let reason) {
      report.add(.damagedMarker, at: path, reason)
    }
    do throws(StoreError) {
      _ = try layout.readPins()
    } catch .damagedFile(let path, let reason) {
      report.add(.damagedPins, at: path, reason)
    }
    if FileSystem.size(ofFileAt: layout.salvagedLedger) != nil {
      report.add(.unfinishedRepair, at: layout.salvagedLedger, "a repair of the ledger was cut off")
    }
    for name in try FileSystem.names(in: layout.path) ?? []
    where name.hasPrefix(".distill.json-") || name.hasPrefix(StoreLayout.salvagePrefix) {
      report.leftovers.append("\(layout.path)/\(name)")
    }
  }

  // MARK: Databases

  /// Whether a database is whole as far as SQLite can tell, so that its rows can be looked at.
  private mutating func auditDatabase(
    at path: String,
    _ schema: String,
    _ version: Int
  ) throws(StoreError) -> Bool {
    guard FileSystem.size(ofFileAt: path) != nil else {
      report.add(.damagedDatabase, at: path, "it is missing")
      return false
    }
    var isSound = false
    try noting { (audit) throws(StoreError) in
      try audit.auditLog(of: path)
      isSound = try audit.check(path, schema, version)
    }
    return isSound
  }

  private mutating func check(
    _ path: String,
    _ schema: String,
    _ version: Int
  ) throws(StoreError) -> Bool {
    let found = try DatabaseConnection.reading(path) { db in
      try DatabaseCheck(db, schema: schema, version: version)
    }
    if found.version > version {
      throw .newerFormat(path: layout.path, found: found.version, supported: version)
    }
    for line in found.lines { report.add(.damagedDatabase, at: path, line) }
    guard found.lines.isEmpty, found.version != version else { return found.lines.isEmpty }
    guard found.version == 0 else {
      throw .olderFormat(path: layout.path, found: found.version, supported: version)
    }
    // A store that was killed while it was made has nothing in it yet.
    if try layout.hasRuns() { report.add(.damagedDatabase, at: path, "it has no tables") }
    return false
  }

  /// Takes damage of a database that a body meets into the report.
  private mutating func noting(
    _ body: (inout StoreAudit) throws(StoreError) -> Void
  ) throws(StoreError) {
    do throws(StoreError) {
      try body(&self)
    } catch .damagedDatabase(let path, let reason) {
      report.add(.damagedDatabase, at: path, reason)
    }
  }

  private mutating func auditLog(of path: String) throws(StoreError) {
    // Nobody may write to the log while it is read.
    let lock = try layout.existingLock("write")
    try lock?.lock(.shared)
    defer { lock?.unlock() }
    guard let log = try WriteAheadLog(of: path), let hole = log.hole else { return }
    report.add(.damagedLog, at: log.path, hole)
  }
}
