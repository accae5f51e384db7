import Foundation
import GRDB
import Primitives

/// What `gc` found to be of no use, and removed unless it ran dry.
package struct GCReport: Sendable {
  /// Objects that nothing refers to, sorted by digest.
  package let removable: [ObjectRef]
  /// Temporary files of writers that ended.
  package let temporaries: [String]
  package let keptObjects: Int
  package let removed: Bool

  package var bytes: Int { removable.reduce(0) { $0 + $1.size } }
}

extension Store {
  /// Removes the objects that no result, run, call or kept object refers to.
  ///
  /// What refers is told by the letter: any 64 hexadecimal digits that name an object keep it. Rows
  /// of the ledger are never removed, nor what they name.
  ///
  /// - Throws: `.inUse` if another process may be writing what nothing refers to yet.
  package func gc(dryRun: Bool) async throws(StoreError) -> GCReport {
    if dryRun { return try await collect(removing: false) }
    try await becomeOnlyUser()
    let result: Result<GCReport, StoreError>
    do throws(StoreError) {
      result = .success(try await collect(removing: true))
    } catch {
      result = .failure(error)
    }
    try await Blocking.storeWork { () throws(StoreError) in try self.use?.lock(.shared) }
    return try result.get()
  }

  private func becomeOnlyUser() async throws(StoreError) {
    guard mode != .readOnly else { throw .readOnly(path: path) }
    try await Blocking.storeWork { () throws(StoreError) in
      guard try self.use?.tryLock(.exclusive) == true else {
        // A refused change of a flock may have cost the lock that was there.
        try self.use?.lock(.shared)
        throw .inUse(path: self.path)
      }
    }
  }

  private func collect(removing: Bool) async throws(StoreError) -> GCReport {
    let roots = try await roots()
    return try await Blocking.storeWork { () throws(StoreError) in
      let kept = try self.reachable(from: roots)
      var removable: [ObjectRef] = []
      for prefix in ObjectStore.folderNames {
        for case .object(let object) in try self.objects.entries(inFolder: prefix)
        where !kept.contains(object.digest) {
          removable.append(object)
        }
      }
      let temporaries = try self.layout.deadTemporaries()
      if removing {
        for object in removable { try FileSystem.remove(self.objects.path(of: object.digest)) }
        for temporary in temporaries { try FileSystem.remove(temporary) }
      }
      return GCReport(
        removable: removable,
        temporaries: temporaries,
        keptObjects: kept.count,
        removed: removing
      )
    }
  }

  /// Digests that the databases and the runs' records name.
  private func roots() async throws(StoreError) -> Set<Digest> {
    let results = try await index.read { db in
      try Store.digests(
        db,
        "SELECT key FROM results UNION SELECT digest FROM outputs UNION SELECT key FROM instances",
        texts: "SELECT facts FROM results"
      )
    }
    let calls = try await ledger.database.read { db in
      try Store.digests(
        db,
        """
        SELECT object FROM answers WHERE object IS NOT NULL
        UNION SELECT request_object FROM calls WHERE request_object IS NOT NULL
        UNION SELECT key FROM jobs
        """,
        texts: "SELECT detail FROM jobs"
      )
    }
    let records = try await Blocking.storeWork { () throws(StoreError) in
      var scanner = DigestScanner()
      for run in try FileSystem.names(in: self.layout.runs) ?? [] {
        let record = self.runs.folder(run).recordPath
        guard FileSystem.size(ofFileAt: record) != nil else { continue }
        try FileSystem.forEachChunk(of: record) { scanner.scan($0) }
        scanner.endRun()
      }
      return scanner.found
    }
    return results.union(calls).union(records)
  }

  private static func digests(
    _ db: Database,
    _ columns: String,
    texts: String
  ) throws -> Set<Digest> {
    var scanner = DigestScanner()
    let rows = try String.fetchCursor(db, sql: texts)
    while let text = try rows.next() {
      scanner.scan(text.utf8)
      scanner.endRun()
    }
    return try Data.fetchCursor(db, sql: columns).reduce(into: scanner.found) { found, blob in
      if let digest = Digest(blob: blob) { found.insert(digest) }
    }
  }

  /// The objects among the roots, those that they name, and so on.
  ///
  /// Blocks.
  private func reachable(from roots: Set<Digest>) throws(StoreError) -> Set<Digest> {
    var kept: Set<Digest> = []
    var waiting = Array(roots)
    while let digest = waiting.popLast() {
      guard !kept.contains(digest), objects.find(digest) != nil else { continue }
      kept.insert(digest)
      var scanner = DigestScanner()
      try FileSystem.forEachChunk(of: objects.path(of: digest)) { scanner.scan($0) }
      scanner.endRun()
      waiting.append(contentsOf: scanner.found.subtracting(kept))
    }
    return kept
  }
}
