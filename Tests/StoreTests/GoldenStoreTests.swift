import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// Stores that earlier releases wrote stay readable (promise P24).
///
/// `Tests/GoldenCaches/format-N` is the sample store of the release that introduced the format, as it
/// was committed then. `DISTILL_WRITE_GOLDEN_CACHE=1` writes the one of today's format; such a run fails.
/// Format 1 is in `FormatOne`, row by row.
@Suite struct GoldenStoreTests {
  private static let folder = "\(ProjectFolder.path)/Tests/GoldenCaches"
  private static let current = 2

  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["DISTILL_WRITE_GOLDEN_CACHE"] == "1",
      "writes the golden store only when asked to"
    )
  )
  func write() async throws {
    let sample = try await SampleStore.make()
    let target = "\(Self.folder)/format-\(Self.current)"
    try? FileManager.default.removeItem(atPath: target)
    for name in try sample.copy().files() where !name.contains("sqlite-") {
      let url = URL(fileURLWithPath: "\(target)/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try FileManager.default.copyItem(atPath: "\(sample.path)/\(name)", toPath: url.path)
    }
    Issue.record("wrote \(target): commit it with the release")
  }

  /// A copy of a golden store in a folder of its own.
  private func golden(_ format: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: "\(Self.folder)/format-\(format)",
      toPath: "\(folder.path)/cache"
    )
    return folder
  }

  @Test(arguments: [2])
  func everythingReads(_ format: Int) async throws {
    let folder = try golden(format)
    let path = "\(folder.path)/cache"
    for mode in [Store.Mode.readOnly, .existing] {
      let store = try await Store.open(at: path, mode: mode)
      try await expectWhole(store)
      await store.close()
    }
    let found = try await Store.verify(at: path)
    #expect(found.problems == [])
    #expect(found.answers == 25)
  }

  private func expectWhole(_ store: Store) async throws {
    let runs = try await store.runs.list()
    #expect(runs.map(\.status) == [.succeeded, .succeeded, .succeeded])
    for (number, run) in runs.reversed().enumerated() {
      let record = try await store.runs.folder(run.id).readRecord()
      let instance = try #require(record["instances"]?.array?.first)
      let key = try #require((instance["key"]?.string).flatMap { Digest(hex: $0) })
      let result = try #require(try await store.results.lookup(key))
      #expect(result.runID == run.id)
      let rows = try #require(result["rows"])
      #expect(try await store.objects.read(rows) == Array("rows of run \(number)\n".utf8))
      #expect(try await store.results.preimage(key)?["kind"]?.string == "generate")
      for index in 0..<SampleStore.answersPerRun {
        let key = Digest(of: "call \(number).\(index)")
        let answer = try #require(try await store.ledger.answer(for: key))
        let text = index == 5 ? SampleStore.longText + "\(number)" : "answer \(number).\(index)"
        #expect(answer.body == Array(text.utf8))
        #expect(answer.cost == Money(usd: 0.001))
        #expect(answer.runID == run.id)
      }
    }
    #expect(try await store.ledger.inDoubt().map(\.key) == [Digest(of: "doubtful")])
    #expect(try await store.ledger.jobs().count == 1)
    let spending = try await store.ledger.spending(account: SampleStore.workflow)
    #expect(spending.settled == Money(usd: 0.024))
  }

  @Test func aStoreOfALaterFormatIsRefusedAndNotWrittenTo() async throws {
    let folder = try golden(Self.current)
    let path = "\(folder.path)/cache"
    try folder.write(#"{"format": 99}"#, to: "cache/distill.json")
    let before = try snapshot(path)
    let refusal = StoreError.newerFormat(path: path, found: 99, supported: Self.current)
    for mode in [Store.Mode.create, .existing, .readOnly] {
      await #expect(throws: refusal) { _ = try await Store.open(at: path, mode: mode) }
    }
    await #expect(throws: refusal) { _ = try await Store.verify(at: path) }
    await #expect(throws: refusal) { _ = try await Store.repair(at: path) }
    #expect(try snapshot(path) == before)
    #expect(refusal.description.contains("has format 99, this release reads up to 2"))
    #expect(refusal.description.contains("nothing was written"))
  }

  /// Paths with the digest and the time of each file.
  private func snapshot(_ path: String) throws -> [String: String] {
    var files: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
      let time = attributes[.modificationDate].map { "\($0)" } ?? ""
      files[name] = "\(Digest(of: [UInt8](bytes)).hex) \(time)"
    }
    return files
  }
}
