import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// The digest of a file is that of its bytes, whatever the cache remembers.
@Suite struct StatCacheTests {
  @Test func aChangeIsSeenEvenIfSizeAndTimeStayTheSame() async throws {
    let test = try await TestStore()
    let path = try test.folder.write("one", to: "data.txt")
    let date = Date(timeIntervalSince1970: 1_700_000_000)
    for text in ["one", "two", "six"] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
      #expect(
        try await test.store.statCache.digest(ofFileAt: path) == ObjectRef(of: Array(text.utf8))
      )
    }
  }

  @Test func aTouchedFileKeepsItsDigestAndIsReadAgainOnce() async throws {
    let test = try await TestStore()
    let path = try test.folder.write("data", to: "data.txt")
    let cache = test.store.statCache
    let reference = try await cache.digest(ofFileAt: path)
    // As if both the change and the hashing lay long ago: the file had rested.
    try age(test)
    let hashed = try checkedAt(test)
    #expect(try await cache.digest(ofFileAt: path) == reference)
    #expect(try checkedAt(test) == hashed, "an unchanged file was read again")

    try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    #expect(try await cache.digest(ofFileAt: path) == reference)
    #expect(try checkedAt(test) != hashed, "a touched file was not read")
    try age(test)
    let again = try checkedAt(test)
    #expect(try await cache.digest(ofFileAt: path) == reference)
    #expect(try checkedAt(test) == again)
  }

  @Test func aFileChangedTooRecentlyIsNotTrusted() async throws {
    let test = try await TestStore()
    let path = try test.folder.write("data", to: "data.txt")
    // Ahead of the clock, so that it is recent however long the machine takes.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 3600)],
      ofItemAtPath: path
    )
    _ = try await test.store.statCache.digest(ofFileAt: path)
    // What a change within the step of the file system's clock would look like.
    try runSQLite("\(test.path)/index.sqlite", "UPDATE files SET digest = zeroblob(32)")
    #expect(
      try await test.store.statCache.digest(ofFileAt: path) == ObjectRef(of: Array("data".utf8))
    )
  }

  @Test func whatIsNoFileIsNamed() async throws {
    let test = try await TestStore()
    for path in ["\(test.folder.path)/absent", test.folder.path] {
      let error = await #expect(throws: StoreError.self) {
        _ = try await test.store.statCache.digest(ofFileAt: path)
      }
      #expect(error?.description.contains("'\(path)'") == true)
    }
  }

  @Test func aStoreOpenedForReadingHashes() async throws {
    let test = try await TestStore()
    let path = try test.folder.write("data", to: "data.txt")
    let reader = try await test.another(.readOnly)
    #expect(
      try await reader.statCache.digest(ofFileAt: path) == ObjectRef(of: Array("data".utf8))
    )
  }

  private func checkedAt(_ test: TestStore) throws -> String {
    try runSQLite("\(test.path)/index.sqlite", "SELECT checked_at FROM files")
  }

  /// Moves the moment of hashing an hour ahead: as if the file had rested before it.
  private func age(_ test: TestStore) throws {
    try runSQLite(
      "\(test.path)/index.sqlite",
      "UPDATE files SET checked_at = checked_at + 3600000000000"
    )
  }
}
