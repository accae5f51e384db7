import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// Whatever is damaged is found, and a repair keeps every answer that is whole.
@Suite struct RepairTests {
  /// In a short run every n-th byte, in a full one every byte.
  private static let step =
    ProcessInfo.processInfo.environment["DISTILL_PROVE"] == "full" ? 1 : 5

  @Test func aSoundStoreIsLeftAsItIs() async throws {
    let copy = try await SampleStore.make().copy()
    let before = try copy.files()
    let report = try await Store.repair(at: copy.path)
    #expect(report.found.isSound)
    #expect(report.found.answers == 25)
    #expect(report.done.isEmpty)
    #expect(report.quarantine == nil)
    #expect(report.lost.isNothing)
    // Readers of a database may leave a log beside it, of no bytes.
    #expect(try copy.files().filter { !$0.contains("sqlite-") } == before)
    #expect(try await copy.expectOnlyTruth() == 24)
  }

  /// Bytes of every object that is not long, flipped, cut off, made zero.
  @Test func everyDamageOfAnObjectIsFoundAndRepaired() async throws {
    let sample = try await SampleStore.make()
    let objects = try sample.copy().files().filter { $0.hasPrefix("objects/") }
    #expect(objects.count == 16)
    for name in objects {
      let whole = try sample.copy().bytes(of: name)
      var damages: [[UInt8]] = [
        [], Array(repeating: 0, count: whole.count), Array(whole.dropLast()),
      ]
      for index in stride(
        from: 0,
        to: min(whole.count, 4096),
        by: whole.count < 200 ? Self.step : 509
      ) {
        var bytes = whole
        bytes[index] ^= 1 << (index % 8)
        damages.append(bytes)
      }
      // One copy for all: after each repair the object is put back.
      let copy = try sample.copy()
      for bytes in damages {
        try copy.replace(name, with: bytes)
        let found = try await Store.verify(at: copy.path)
        #expect(found.problems.contains { $0.kind == .damagedObject && $0.place.hasSuffix(name) })
      }
      let report = try await Store.repair(at: copy.path)
      #expect(report.quarantine != nil)
      #expect(try await Store.verify(at: copy.path).problems == [], "\(name)")
      let served = try await copy.expectOnlyTruth()
      #expect(served == 24 - report.lost.count, "\(name)")
      #expect(report.lost.count <= 1)
      #expect(report.lost.cost == (report.lost.count == 1 ? Money(usd: 0.001) : .zero))
    }
  }

  @Test func swappedObjectsGoBackToTheirPlaces() async throws {
    let copy = try await SampleStore.make().copy()
    let objects = try copy.files().filter { $0.hasPrefix("objects/") }
    let (one, two) = (objects[2], objects[9])
    let bytes = (try copy.bytes(of: one), try copy.bytes(of: two))
    try copy.replace(one, with: bytes.1)
    try copy.replace(two, with: bytes.0)
    let problems = try await Store.verify(at: copy.path).problems
    #expect(problems.count { $0.kind == .damagedObject } == 2)
    let report = try await Store.repair(at: copy.path)
    #expect(report.lost.count == 0)
    #expect(try copy.bytes(of: one) == bytes.0)
    #expect(try copy.bytes(of: two) == bytes.1)
    #expect(try await Store.verify(at: copy.path).isSound)
    #expect(try await copy.expectOnlyTruth() == 24)
  }

  @Test func everyMissingFileIsFoundAndRepaired() async throws {
    let sample = try await SampleStore.make()
    for name in try sample.copy().files() {
      let copy = try sample.copy()
      try FileManager.default.removeItem(atPath: "\(copy.path)/\(name)")
      if name == "distill.json" {
        // Without its marker the folder is no store of ours to write to.
        await #expect(throws: StoreError.missingStore(path: copy.path)) {
          _ = try await Store.repair(at: copy.path)
        }
        continue
      }
      // An input is named by nothing but a record; events need not be there,
      // nor what keeps git away.
      let found = try await Store.verify(at: copy.path)
      let isInput = try isInput(name, of: sample)
      let isOptional = name.hasSuffix("events.jsonl") || name == ".gitignore" || isInput
      #expect(found.isSound == isOptional, "\(name)")
      let report = try await Store.repair(at: copy.path)
      #expect(try await Store.verify(at: copy.path).problems == [], "\(name)")
      let served = try await copy.expectOnlyTruth()
      if name == "ledger.sqlite" {
        #expect(served == 0)
        #expect(report.lost.mayBeMore)
      } else {
        #expect(served == 24 - report.lost.count, "\(name)")
      }
    }
  }

  private func isInput(_ name: String, of sample: SampleStore) throws -> Bool {
    (0..<SampleStore.runCount).contains { number in
      let hex = Digest(of: "input of \(number)").hex
      return name == "objects/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }
  }

  /// Every byte of the marker and of a record, and of the events.
  @Test(arguments: ["distill.json", "run.json", "events.jsonl"])
  func everyFlippedByteOfATextIsFoundOrMeansTheSame(_ name: String) async throws {
    let sample = try await SampleStore.make()
    let copy = try sample.copy()
    let file = name == "distill.json" ? name : "runs/\(sample.runs[1])/\(name)"
    let whole = try copy.bytes(of: file)
    var found = 0
    for index in stride(from: 0, to: whole.count, by: name == "distill.json" ? 1 : Self.step) {
      var bytes = whole
      bytes[index] ^= 0x80
      try copy.replace(file, with: bytes)
      let report = try await Store.verify(at: copy.path)
      if !report.isSound { found += 1 }
      #expect(!report.isSound || index == whole.count - 1, "byte \(index) of \(name)")
    }
    #expect(found > whole.count / 10)
    _ = try await Store.repair(at: copy.path)
    #expect(try await Store.verify(at: copy.path).problems == [])
    #expect(try await copy.expectOnlyTruth() == 24)
  }

  @Test func strangersAreMovedAndLeftoversSwept() async throws {
    let copy = try await SampleStore.make().copy()
    try copy.folder.write("?", to: "cache/objects/notes.txt")
    try copy.folder.write("?", to: "cache/objects/ab/short")
    try copy.folder.write("?", to: "cache/runs/not a run/x")
    try copy.folder.write("half", to: "cache/objects/temp-dead-1")
    try copy.folder.write("half", to: "cache/runs/\(copy.sample.runs[0])/.run.json-dead")
    let target = "\(copy.path)/objects/cd/\(String(repeating: "e", count: 62))"
    try FileManager.default.createDirectory(
      atPath: "\(copy.path)/objects/cd",
      withIntermediateDirectories: true
    )
    try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: "/etc/hosts")
    let found = try await Store.verify(at: copy.path)
    #expect(found.problems.map(\.kind) == Array(repeating: .foreignFile, count: 4))
    #expect(found.leftovers.count == 2)
    let report = try await Store.repair(at: copy.path)
    let folder = try #require(report.quarantine)
    #expect(FileManager.default.fileExists(atPath: "\(folder)/runs/not a run/x"))
    let again = try await Store.verify(at: copy.path)
    #expect(again.problems == [])
    #expect(again.leftovers == [])
  }

  @Test func aStoreInUseIsNotRepaired() async throws {
    let copy = try await SampleStore.make().copy()
    let store = try await Store.open(at: copy.path, mode: .existing)
    await #expect(throws: StoreError.inUse(path: copy.path)) {
      _ = try await Store.repair(at: copy.path)
    }
    await store.close()
    _ = try await Store.repair(at: copy.path)
  }

  @Test func aNewerStoreIsNotRepaired() async throws {
    let copy = try await SampleStore.make().copy()
    try copy.replace("distill.json", with: Array(#"{"format": 99}"#.utf8))
    await #expect(throws: StoreError.newerFormat(path: copy.path, found: 99, supported: 2)) {
      _ = try await Store.repair(at: copy.path)
    }
    // Nor one whose marker is damaged, and whose ledger says so.
    try runSQLite("\(copy.path)/ledger.sqlite", "PRAGMA user_version = 77")
    try copy.replace("distill.json", with: Array("{".utf8))
    await #expect(throws: StoreError.newerFormat(path: copy.path, found: 77, supported: 2)) {
      _ = try await Store.repair(at: copy.path)
    }
    #expect(try copy.bytes(of: "distill.json") == Array("{".utf8))
  }
}
