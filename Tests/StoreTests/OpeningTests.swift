import Foundation
import Store
import TestSupport
import Testing

@Suite struct OpeningTests {
  @Test func aNewStoreIsPrivateAndMarked() async throws {
    let test = try await TestStore()
    #expect(StoreFolder.isStore(test.path))
    #expect(try test.folder.read("cache/distill.json") == "{\n  \"format\": 2\n}\n")
    #expect(try test.folder.read("cache/.gitignore") == "*\n")
    let manager = FileManager.default
    for (name, mode) in [
      ("", 0o700), ("objects", 0o700), ("ledger.sqlite", 0o600), ("ledger.sqlite-wal", 0o600),
    ] {
      let attributes = try manager.attributesOfItem(atPath: "\(test.path)/\(name)")
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(name)")
    }
  }

  @Test func aCheckedOutFolderWithReadmeBecomesAStore() async throws {
    let folder = try TemporaryFolder()
    try folder.write("what this is", to: "cache/README.md")
    try folder.write("*\n!README.md\n", to: "cache/.gitignore")
    let store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    #expect(try await store.runs.list().isEmpty)
    #expect(try folder.read("cache/.gitignore") == "*\n!README.md\n")
  }

  @Test(arguments: [Store.Mode.create, .existing, .readOnly])
  func aFolderOfOtherThingsIsRefused(_ mode: Store.Mode) async throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", to: "cache/thesis.tex")
    await #expect(throws: StoreError.notAStore(path: "\(folder.path)/cache", found: "'thesis.tex'"))
    {
      _ = try await Store.open(at: "\(folder.path)/cache", mode: mode)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/cache").count == 1)
  }

  @Test(arguments: [Store.Mode.existing, .readOnly])
  func aMissingStoreIsNotMade(_ mode: Store.Mode) async throws {
    let folder = try TemporaryFolder()
    await #expect(throws: StoreError.missingStore(path: "\(folder.path)/cache")) {
      _ = try await Store.open(at: "\(folder.path)/cache", mode: mode)
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/cache"))
  }

  @Test func aNewerFormatIsRefusedAndNothingWritten() async throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{"format": 3}"#, to: "cache/distill.json")
    let path = "\(folder.path)/cache"
    await #expect(throws: StoreError.newerFormat(path: path, found: 3, supported: 2)) {
      _ = try await Store.open(at: path, mode: .create)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["distill.json"])
  }

  @Test(arguments: ["", "{", "[1]", #"{"format":"1"}"#, #"{"format":0}"#])
  func aDamagedMarkerIsNamed(_ content: String) async throws {
    let folder = try TemporaryFolder()
    let marker = try folder.write(content, to: "cache/distill.json")
    let error = await #expect(throws: StoreError.self) {
      _ = try await Store.open(at: "\(folder.path)/cache", mode: .existing)
    }
    #expect(error?.isDamage == true)
    #expect(error?.description.contains(marker) == true)
  }

  @Test func aDatabaseOfANewerReleaseIsRefused() async throws {
    let test = try await TestStore()
    await test.store.close()
    try runSQLite("\(test.path)/ledger.sqlite", "PRAGMA user_version = 9")
    await #expect(throws: StoreError.newerFormat(path: test.path, found: 9, supported: 2)) {
      _ = try await test.another()
    }
  }

  @Test func aFileThatIsNoDatabaseIsDamage() async throws {
    let test = try await TestStore()
    await test.store.close()
    let noise = String(repeating: "no database ", count: 500)
    try test.folder.write(noise, to: "cache/index.sqlite")
    let error = await #expect(throws: StoreError.self) { _ = try await test.another() }
    guard case .damagedDatabase = error else {
      Issue.record("expected a damaged database, found \(String(describing: error))")
      return
    }
  }

  @Test func aReadOnlyStoreReadsAndRefusesToWrite() async throws {
    let test = try await TestStore()
    let object = try await test.store.objects.put("kept")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(test.path)/locks").sorted()
    let reader = try await test.another(.readOnly)
    #expect(try await reader.objects.read(object) == Array("kept".utf8))
    await #expect(throws: StoreError.readOnly(path: test.path)) {
      try await reader.objects.put("more")
    }
    await #expect(throws: StoreError.readOnly(path: test.path)) {
      _ = try await reader.ledger.claim(call("a"))
    }
    await #expect(throws: StoreError.readOnly(path: test.path)) {
      _ = try await reader.runs.begin(workflow: "w.yaml", commit: nil)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(test.path)/locks").sorted() == names
    )
  }

  @Test func aClosedStoreSaysSo() async throws {
    let test = try await TestStore()
    await test.store.close()
    await #expect(throws: StoreError.notOpen(path: test.path)) {
      _ = try await test.store.ledger.claim(call("a"))
    }
  }
}
