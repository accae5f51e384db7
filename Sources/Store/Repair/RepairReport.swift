import Primitives

/// What a repair found and did.
package struct RepairReport: Sendable {
  /// What `verify` says of the store as it was.
  package internal(set) var found = VerifyReport()
  /// What was done, a sentence each.
  package internal(set) var done: [String] = []
  /// Answers that have to be bought again.
  package internal(set) var lost = LostAnswers()
  /// Where what was damaged lies now; nil if nothing was moved.
  package internal(set) var quarantine: String?
}

extension Store {
  /// Puts a store in order without deleting anything: what is damaged is moved to `quarantine/`.
  ///
  /// Every answer that is whole stays. A kill at any point loses nothing, and the next repair goes
  /// on. Needs the store for itself.
  ///
  /// - Throws: `.inUse`, `.missingStore`, `.newerFormat`, or a refusal of the system.
  package static func repair(at path: String) async throws(StoreError) -> RepairReport {
    try await Blocking.storeWork { () throws(StoreError) in
      let layout = StoreLayout(path: path)
      try StoreRepair.requireStore(layout)
      let use = try FileLock(at: layout.lock("use"))
      guard try use.tryLock(.exclusive) else { throw .inUse(path: path) }
      defer { use.unlock() }
      var repair = StoreRepair(layout: layout)
      try repair.run()
      return repair.report
    }
  }
}
