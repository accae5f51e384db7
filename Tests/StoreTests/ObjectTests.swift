import Foundation
import Primitives
import Store
import TestSupport
import Testing

@Suite struct ObjectTests {
  @Test func bytesAreNamedByTheirDigestAndReadBack() async throws {
    let test = try await TestStore()
    let object = try await test.store.objects.put("hello\n")
    #expect(
      object.digest.hex == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    )
    #expect(object.size == 6)
    #expect(
      test.store.objects.path(of: object.digest).hasSuffix(
        "/objects/58/\(object.digest.hex.dropFirst(2))"
      )
    )
    #expect(try await test.store.objects.read(object) == Array("hello\n".utf8))
    #expect(test.store.objects.find(object.digest) == object)
  }

  @Test func anObjectCannotBeWrittenTo() async throws {
    let test = try await TestStore()
    let object = try await test.store.objects.put("fixed")
    let attributes = try FileManager.default.attributesOfItem(
      atPath: test.store.objects.path(of: object.digest)
    )
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o444)
  }

  @Test func piecesGiveTheObjectOfTheWhole() async throws {
    let test = try await TestStore()
    var generator = SeededGenerator(seed: 1)
    let pieces = (0..<400).map { _ in
      (0..<Int(generator.next() % 3000)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
    let writer = try test.store.objects.writer()
    for piece in pieces { try writer.write(piece) }
    let object = try await writer.commit()
    let whole = pieces.flatMap { $0 }
    #expect(object == ObjectRef(of: whole))
    #expect(try await test.store.objects.read(object) == whole)
    let path = try await test.store.objects.verifiedPath(object)
    #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == whole)
  }

  @Test func aFileIsCopied() async throws {
    let test = try await TestStore()
    let text = String(repeating: "0123456789", count: 100_000)
    let path = try test.folder.write(text, to: "big.txt")
    let object = try await test.store.objects.put(fileAt: path)
    #expect(object.size == 1_000_000)
    #expect(try await test.store.objects.read(object) == Array(text.utf8))
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func anAbandonedWriterLeavesNothing() async throws {
    let test = try await TestStore()
    do {
      let writer = try test.store.objects.writer()
      try writer.write(String(repeating: "x", count: 500_000))
    }
    let cancelled = try test.store.objects.writer()
    try cancelled.write("y")
    cancelled.cancel()
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(test.path)/objects").isEmpty)
  }

  @Test func whatAKilledWriterLeftIsSweptByTheNext() async throws {
    let test = try await TestStore()
    let writer = try test.store.objects.writer()
    try writer.write("alive")
    try test.folder.write("half an obj", to: "cache/objects/temp-0123456789abcdef-1")
    _ = try await test.another()
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(test.path)/objects")
    #expect(left.count == 1)
    #expect(left.first?.hasPrefix("temp-0123456789abcdef") == false)
    let object = try await writer.commit()
    #expect(try await test.store.objects.read(object) == Array("alive".utf8))
  }

  @Test func twoWritersOfTheSameBytesAgree() async throws {
    let test = try await TestStore()
    let other = try await test.another()
    let objects = try await withThrowingTaskGroup(of: ObjectRef.self) { group in
      for number in 0..<40 {
        let store = number.isMultiple(of: 2) ? test.store : other
        group.addTask { try await store.objects.put("the same bytes") }
      }
      return try await group.reduce(into: Set<ObjectRef>()) { $0.insert($1) }
    }
    #expect(objects.count == 1)
    for object in objects {
      #expect(try await other.objects.read(object) == Array("the same bytes".utf8))
    }
  }

  @Test func damageIsFoundNamedAndHealedByWritingAgain() async throws {
    let test = try await TestStore()
    let objects = test.store.objects
    let object = try await objects.put("precious")
    let path = objects.path(of: object.digest)
    try overwrite(path, with: "preciouS")
    #expect(objects.contains(object))
    let expected = StoreError.damagedObject(
      object.digest,
      path: path,
      found: Digest(of: "preciouS")
    )
    await #expect(throws: expected) { _ = try await objects.read(object) }
    await #expect(throws: expected) { _ = try await objects.verifiedPath(object) }
    #expect(expected.description.contains(object.digest.hex))
    #expect(expected.description.contains(path))
    #expect(try await objects.put("precious") == object)
    #expect(try await objects.read(object) == Array("precious".utf8))
  }

  @Test func anObjectCutShortIsNotContained() async throws {
    let test = try await TestStore()
    let object = try await test.store.objects.put("precious")
    try overwrite(test.store.objects.path(of: object.digest), with: "prec")
    #expect(!test.store.objects.contains(object))
  }

  @Test func aMissingObjectIsNamed() async throws {
    let test = try await TestStore()
    let digest = Digest(of: "never written")
    let path = test.store.objects.path(of: digest)
    await #expect(throws: StoreError.missingObject(digest, path: path)) {
      _ = try await test.store.objects.read(digest)
    }
  }
}

/// Replaces a read-only file's bytes, as a bad disk or a bad user would.
func overwrite(_ path: String, with text: String) throws {
  try FileManager.default.removeItem(atPath: path)
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
