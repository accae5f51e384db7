import Foundation
import GRDB
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The digests of files outside the store, read again only when their stamp changed.
package struct StatCache: Sendable {
  let index: DatabaseFile

  /// The digest and size of a file's bytes, as they are now.
  ///
  /// Hashes unless device, inode, size, mtime and ctime are those of the last time, and the file
  /// had rested by then (`FileStamp.showsChanges`). So a file that was touched is read once more.
  ///
  /// - Throws: `.changing` if the file changed under each of three readings.
  package func digest(ofFileAt path: String) async throws(StoreError) -> ObjectRef {
    let stamp = try await Blocking.storeWork { () throws(StoreError) in try StatCache.stamp(path) }
    if let digest = try await known(stamp) {
      return ObjectRef(digest: digest, size: Int(stamp.size))
    }
    let (read, reference, moment) = try await Blocking.storeWork { () throws(StoreError) in
      try StatCache.hash(path)
    }
    // A store opened for reading hashes each time.
    if index.isWritable { try await remember(read, reference.digest, moment) }
    return reference
  }

  private static func stamp(_ path: String) throws(StoreError) -> FileStamp {
    var status = stat()
    guard stat(path, &status) == 0 else { throw StoreError("read", path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StoreError("read as a file", path: path, code: EISDIR)
    }
    return FileStamp(status)
  }

  /// Hashes until the stamp is the same before and after.
  private static func hash(
    _ path: String
  ) throws(StoreError) -> (FileStamp, ObjectRef, moment: Int64) {
    for _ in 0..<3 {
      let moment = WallClock.nanoseconds
      let before = try stamp(path)
      let reference = try FileSystem.reference(toFileAt: path)
      if try stamp(path) == before, reference.size == Int(before.size) {
        return (before, reference, moment)
      }
    }
    throw .changing(path: path)
  }

  private func known(_ stamp: FileStamp) async throws(StoreError) -> Digest? {
    try await index.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT size, mtime, ctime, checked_at, digest FROM files WHERE device = ? AND inode = ?
          """
      )
      let arguments: StatementArguments = [stamp.device, stamp.inode]
      guard let row = try Row.fetchOne(statement, arguments: arguments) else { return nil }
      let then = FileStamp(
        device: stamp.device,
        inode: stamp.inode,
        size: row[0],
        mtime: row[1],
        ctime: row[2]
      )
      guard then == stamp, then.showsChanges(since: row[3]) else { return nil }
      return try row.digest(at: 4, in: index.path)
    }
  }

  private func remember(
    _ stamp: FileStamp,
    _ digest: Digest,
    _ moment: Int64
  ) async throws(StoreError) {
    try await index.write { db in
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO files (device, inode, size, mtime, ctime, checked_at, digest)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        stamp.device, stamp.inode, stamp.size, stamp.mtime, stamp.ctime, moment, digest.blob,
      ])
    }
  }
}
