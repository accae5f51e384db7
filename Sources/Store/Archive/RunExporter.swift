import Foundation
import GRDB
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes the archive of one run.
struct RunExporter: Sendable {
  let store: Store
  let info: RunInfo
  /// What the run's record names.
  let named: Set<Digest>
  let results: [ResultRecord]
  /// Rows of calls, in the order of their keys.
  let calls: [Int64]

  func write(to path: String) async throws(StoreError) -> ArchiveReport {
    try await store.ledger.database.read { db in
      // One snapshot for all calls, however long the writing takes.
      try self.write(to: path, db)
    }
  }

  private func write(to path: String, _ db: Database) throws -> ArchiveReport {
    let temporary = "\(path).part-\(Owner.newToken())"
    defer { unlink(temporary) }
    var report = ArchiveReport()
    report.run = info.id
    let writer = try TarWriter(creating: temporary)
    var entries: [JSON] = []
    let folder = store.runs.folder(info.id)
    for name in try folder.presentFiles() {
      let bytes = try FileSystem.read("\(folder.path)/\(name)")
      try add("runs/\(info.id)/\(name)", bytes, writer, &entries)
    }
    var lines: [UInt8] = []
    for result in results { lines += result.archiveJSON.canonical + [0x0A] }
    try add(RunArchive.results, lines, writer, &entries)
    report.results = results.count
    var objects = named.union(results.map(\.key))
    for result in results { objects.formUnion(result.outputs.map(\.object.digest)) }
    objects.formUnion(try writeCalls(db, writer, &entries, &report))
    for object in try reachable(from: objects) {
      let name = RunArchive.object(object.digest)
      let path = store.objects.path(of: object.digest)
      let written = try writer.add(name, fileAt: path, size: object.size)
      guard written == object else {
        throw StoreError.damagedObject(object.digest, path: path, found: written.digest)
      }
      entries.append(Self.entry(name, object))
      report.objects += 1
      report.bytes += object.size
    }
    try writer.add(RunArchive.manifest, Array(manifest(entries).canonical))
    try writer.finish()
    try FileSystem.rename(temporary, to: path)
    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
    return report
  }

  private func add(
    _ name: String,
    _ bytes: [UInt8],
    _ writer: TarWriter,
    _ entries: inout [JSON]
  ) throws {
    try writer.add(name, bytes)
    entries.append(Self.entry(name, ObjectRef(of: bytes)))
  }

  private static func entry(_ name: String, _ content: ObjectRef) -> JSON {
    [
      "path": .string(name), "sha256": .string(content.digest.hex), "size": JSON(content.size),
    ]
  }

  private func manifest(_ entries: [JSON]) -> JSON {
    [
      "format": JSON(RunArchive.format),
      "run": [
        "id": .string(info.id), "workflow": .string(info.workflow),
        "started_at": .integer(info.startedAt),
        "ended_at": info.endedAt.map(JSON.integer) ?? .null,
        "status": .string(info.status.rawValue), "commit": JSON(info.commit),
      ],
      "entries": .array(entries),
    ]
  }

  // MARK: Calls

  /// - Returns: The objects that the calls need.
  private func writeCalls(
    _ db: Database,
    _ writer: TarWriter,
    _ entries: inout [JSON],
    _ report: inout ArchiveReport
  ) throws -> Set<Digest> {
    var objects: Set<Digest> = []
    var lines: [UInt8] = []
    var number = 0
    for id in calls {
      if try Int.fetchOne(db, sql: "SELECT 1 FROM claims WHERE call = ?", arguments: [id]) != nil {
        report.openCalls += 1
      }
      guard let call = try ArchivedCall.read(id, db, path: store.ledger.database.path) else {
        continue
      }
      guard call.attempts.allSatisfy({ $0.isSealed(call.key) }) else {
        throw StoreError.damagedFile(
          path: store.ledger.database.path,
          reason: "the answer of call \(call.key.hex) is not what was sealed"
        )
      }
      report.calls += 1
      report.answers += call.attempts.count { $0.answer != nil }
      objects.formUnion(call.objects)
      lines += call.json.canonical + [0x0A]
      guard lines.count >= RunArchive.callsPerEntry else { continue }
      try add(RunArchive.calls(number), lines, writer, &entries)
      number += 1
      lines.removeAll()
    }
    if !lines.isEmpty { try add(RunArchive.calls(number), lines, writer, &entries) }
    return objects
  }

  /// The objects among the roots, those that they name, and so on; sorted.
  private func reachable(from roots: Set<Digest>) throws -> [ObjectRef] {
    var found: [Digest: ObjectRef] = [:]
    var waiting = Array(roots)
    while let digest = waiting.popLast() {
      guard found[digest] == nil, let object = store.objects.find(digest) else { continue }
      found[digest] = object
      waiting += try DigestScanner.digests(inFileAt: store.objects.path(of: digest))
    }
    return found.values.sorted { $0.digest < $1.digest }
  }
}
