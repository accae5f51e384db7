import GRDB
import Primitives

/// Puts a store in order, step by step; each step is whole or not begun when a kill comes.
///
/// Blocks. Nobody else has the store open for writing.
struct StoreRepair {
  let layout: StoreLayout
  let objects: ObjectStore
  var quarantine: Quarantine
  var report = RepairReport()

  init(layout: StoreLayout) {
    self.layout = layout
    objects = ObjectStore(folder: layout.objects, owner: nil, storePath: layout.path)
    quarantine = Quarantine(layout)
  }

  /// Throws unless the folder is a store, if a damaged one, of a format that can be repaired.
  static func requireStore(_ layout: StoreLayout) throws(StoreError) {
    do throws(StoreError) {
      guard try layout.markedFormat() != nil else { throw .missingStore(path: layout.path) }
    } catch .damagedFile {
      // Its marker is put right below.
    }
    for folder in [layout.objects, layout.runs, layout.locks] {
      try FileSystem.makeFolder(folder)
    }
  }

  mutating func run() throws(StoreError) {
    try repairMarker()
    try sweep()
    if FileSystem.size(ofFileAt: layout.salvagedLedger) != nil { try placeSalvagedLedger() }
    try LedgerMigration(layout: layout).migrateIfNeeded()
    var audit = StoreAudit(layout: layout)
    let found = try audit.run()
    report.found = found
    try repairObjects(found)
    try repairRunFiles(found)
    try repairPins(found)
    try repairIndex(found)
    try repairLedger(found)
    report.quarantine = quarantine.folder
  }

  mutating func note(_ sentence: String) { report.done.append(sentence) }

  // MARK: Marker

  /// The ledger says of which format the store is.
  private mutating func repairMarker() throws(StoreError) {
    do throws(StoreError) {
      _ = try layout.markedFormat()
    } catch .damagedFile(let path, _) {
      let version = try? DatabaseConnection.reading(layout.ledger) { db in
        try Int.fetchOne(db, sql: "PRAGMA user_version")
      }
      if let version, version > LedgerSchema.version {
        throw .newerFormat(path: layout.path, found: version, supported: LedgerSchema.version)
      }
      try quarantine.take(path)
      // A ledger of format 1 has version 1: the marker that is behind is put right with it.
      try layout.writeMarker(format: version == 1 ? 1 : StoreLayout.format)
      note("wrote '\(path)' anew")
    }
  }

  /// What killed processes left behind.
  private func sweep() throws(StoreError) {
    try layout.sweep()
    for name in try FileSystem.names(in: layout.path) ?? []
    where name.hasPrefix(".distill.json-") || name.hasPrefix(StoreLayout.salvagePrefix) {
      try FileSystem.remove("\(layout.path)/\(name)")
    }
    for run in try FileSystem.names(in: layout.runs) ?? [] where RunFolder.isID(run) {
      let folder = "\(layout.runs)/\(run)"
      guard FileSystem.isFolder(folder) else { continue }
      for name in try FileSystem.names(in: folder) ?? [] where name.hasPrefix(".run.json-") {
        try FileSystem.remove("\(folder)/\(name)")
      }
    }
  }

  // MARK: Objects

  private mutating func repairObjects(_ found: VerifyReport) throws(StoreError) {
    var moved: [String] = []
    var foreign = 0
    for problem in found.problems {
      switch problem.kind {
      case .damagedObject: moved.append(try quarantine.take(problem.place))
      case .foreignFile:
        try quarantine.take(problem.place)
        foreign += 1
      default: break
      }
    }
    if !moved.isEmpty { note("moved \(moved.count) damaged objects away") }
    if foreign > 0 { note("moved \(foreign) files that are not the store's away") }
    var restored = 0
    for path in moved where try putBack(path) { restored += 1 }
    if restored > 0 { note("put \(restored) of them where their bytes belong") }
  }

  /// Objects may have been swapped: then the bytes are whole, and lie under another's name.
  private func putBack(_ path: String) throws(StoreError) -> Bool {
    let found = try FileSystem.reference(toFileAt: path)
    let place = objects.path(of: found.digest)
    // Where an object of that name was, or a result says that there is one, it belongs.
    guard objects.find(found.digest) == nil, found.size > 0 else { return false }
    guard FileSystem.isFolder(FileSystem.folder(of: place)) else { return false }
    guard try isNamed(found.digest) else { return false }
    try FileSystem.rename(path, to: place)
    try FileSystem.synchronizeFolder(FileSystem.folder(of: place))
    return true
  }

  private func isNamed(_ digest: Digest) throws(StoreError) -> Bool {
    report.found.problems.contains { problem in
      UTF8Order.equal(problem.place, objects.path(of: digest))
    }
  }

  // MARK: Pins

  /// The lines that read stay.
  private mutating func repairPins(_ found: VerifyReport) throws(StoreError) {
    guard found.problems.contains(where: { $0.kind == .damagedPins }) else { return }
    let text = String(decoding: try FileSystem.read(layout.pins), as: UTF8.self)
    let moved = try quarantine.take(layout.pins)
    try layout.writePins(Set(text.split(separator: "\n").compactMap { Pin($0) }))
    note("moved the list of pins to '\(moved)', and wrote the lines that read anew")
  }

  // MARK: Runs

  private mutating func repairRunFiles(_ found: VerifyReport) throws(StoreError) {
    for problem in found.problems where problem.kind == .damagedRun {
      guard FileSystem.size(ofFileAt: problem.place) != nil else { continue }
      let path = FileSystem.folder(of: problem.place)
      let run = RunFolder(id: path.split(separator: "/").last.map(String.init) ?? "", path: path)
      let isEvents = UTF8Order.equal(problem.place, run.eventsPath)
      let lines = isEvents ? try RunFiles.eventLines(run) : nil
      let moved = try quarantine.take(problem.place)
      note("moved '\(problem.place)' to '\(moved)'")
      guard let lines else { continue }
      try FileSystem.replace(
        problem.place,
        with: lines.whole.flatMap { Array($0) + [0x0A] },
        temporary: FileSystem.folder(of: problem.place) + "/.run.json-\(Owner.newToken())"
      )
    }
  }
}
