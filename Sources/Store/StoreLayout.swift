import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whether a folder is a store, for looking for the nearest one.
package enum StoreFolder {
  package static func isStore(_ path: String) -> Bool {
    FileSystem.size(ofFileAt: StoreLayout(path: path).marker) != nil
  }
}

/// Where things are in a store, and how the folder is made and recognised.
struct StoreLayout: Sendable {
  /// The format that this release writes, and the newest that it reads.
  static let format = 2

  let path: String

  var marker: String { "\(path)/distill.json" }
  var objects: String { "\(path)/objects" }
  var runs: String { "\(path)/runs" }
  var locks: String { "\(path)/locks" }
  var index: String { "\(path)/index.sqlite" }
  var ledger: String { "\(path)/ledger.sqlite" }
  var quarantine: String { "\(path)/quarantine" }
  func lock(_ name: String) -> String { "\(locks)/\(name)" }

  /// What a repair saved of the ledger, complete; it takes the ledger's place.
  var salvagedLedger: String { "\(path)/ledger.sqlite-salvaged" }
  /// Begins the names of files that a repair is writing.
  static let salvagePrefix = ".salvage-"
  /// Begins the names of runs' folders that are being removed, and of those that are being made.
  static let goneRunPrefix = ".gone-"
  static let comingRunPrefix = ".coming-"

  /// A lock file that may be missing, in a store that nobody ever wrote to.
  func existingLock(_ name: String) throws(StoreError) -> FileLock? {
    guard FileSystem.size(ofFileAt: lock(name)) != nil else { return nil }
    return try FileLock(existing: lock(name))
  }

  /// Checks the folder, or makes it: the marker first, so that a kill leaves a store, not a riddle.
  func prepare(_ mode: Store.Mode) throws(StoreError) {
    let names = try FileSystem.names(in: path)
    if try markedFormat() != nil {
      guard mode != .readOnly else { return try requireDatabases() }
    } else {
      let strangers = (names ?? []).filter { !$0.hasPrefix(".") && $0 != "README.md" }
      if let first = strangers.first { throw .notAStore(path: path, found: "'\(first)'") }
      guard mode == .create else { throw .missingStore(path: path) }
      try FileSystem.makeFolders(path)
      chmod(path, 0o700)
      try writeMarker()
      try hideFromGit()
    }
    for folder in [objects, runs, locks] { try FileSystem.makeFolder(folder) }
    try FileSystem.synchronizeFolder(path)
    try requireLedger()
  }

  /// Keeps a new store out of the repository that it may lie in.
  ///
  /// It is large, and holds what services answered. Who wants some of it committed has a file there.
  private func hideFromGit() throws(StoreError) {
    let file = "\(path)/.gitignore"
    guard FileSystem.size(ofFileAt: file) == nil else { return }
    try FileSystem.replace(
      file,
      with: Array("*\n".utf8),
      temporary: "\(file)-\(Owner.newToken())"
    )
  }

  /// A ledger that has gone is not to be replaced by an empty one: all would be paid for again.
  private func requireLedger() throws(StoreError) {
    guard FileSystem.size(ofFileAt: salvagedLedger) == nil else {
      throw .unfinishedRepair(path: path)
    }
    guard FileSystem.size(ofFileAt: ledger) ?? 0 == 0, try hasRuns() else { return }
    throw .damagedDatabase(path: ledger, reason: "it is missing or empty, and there were runs")
  }

  /// Whether there ever was a run: then the databases were made before.
  func hasRuns() throws(StoreError) -> Bool {
    try (FileSystem.names(in: runs) ?? []).contains { RunFolder.isID($0) }
  }

  private func requireDatabases() throws(StoreError) {
    guard FileSystem.size(ofFileAt: salvagedLedger) == nil else {
      throw .unfinishedRepair(path: path)
    }
    for file in [index, ledger] where FileSystem.size(ofFileAt: file) == nil {
      throw .damagedFile(path: file, reason: "it is missing")
    }
  }

  func writeMarker(format: Int = StoreLayout.format) throws(StoreError) {
    let content: JSON = ["format": .init(format)]
    try FileSystem.replace(
      marker,
      with: Array((content.prettyText + "\n").utf8),
      temporary: "\(path)/.distill.json-\(Owner.newToken())"
    )
  }

  /// The format that `distill.json` says, one that this release knows; nil if it is not there.
  func markedFormat() throws(StoreError) -> Int? {
    guard FileSystem.size(ofFileAt: marker) != nil else { return nil }
    let content: JSON
    do {
      content = try JSON(parsing: FileSystem.read(marker))
    } catch let error as JSONError {
      throw .damagedFile(path: marker, reason: error.description)
    } catch let error as StoreError {
      throw error
    } catch {
      preconditionFailure("BUG: \(error)")
    }
    guard let format = content["format"]?.int, format >= 1 else {
      throw .damagedFile(path: marker, reason: "it has no whole number 'format' from 1")
    }
    guard format <= StoreLayout.format else {
      throw .newerFormat(path: path, found: format, supported: StoreLayout.format)
    }
    return format
  }

  /// Removes what processes that ended left behind: lock files, and temporary files without owner.
  func sweep() throws(StoreError) {
    for temporary in try deadTemporaries() { try FileSystem.remove(temporary) }
    try Owner.sweep(locks)
  }

  /// Temporary files in `objects` whose writer has ended: `temp-<token>-<number>`.
  func deadTemporaries() throws(StoreError) -> [String] {
    try (FileSystem.names(in: objects) ?? []).map { "\(objects)/\($0)" }
      .filter { isDeadTemporary($0) }
  }

  func isDeadTemporary(_ path: String) -> Bool {
    let parts = path.dropFirst(objects.utf8.count + 1)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "temp" else { return false }
    return !Owner.isAlive(String(parts[1]), in: locks)
  }
}
