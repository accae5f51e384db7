import Foundation
import Primitives
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct StoreErrorTests {
  @Test func aFullDiskIsTold() {
    for code in [ENOSPC, EDQUOT] {
      let error = StoreError("write", path: "/store/x", code: code)
      #expect(error.isDiskFull)
      #expect(!error.isDamage)
      #expect(
        error.description
          == "cannot write '/store/x': no space is left; nothing was left half-written; "
          + "free some space and run again"
      )
    }
  }

  @Test func otherRefusalsKeepTheirReason() {
    let error = StoreError("open", path: "/store/x", code: EACCES)
    #expect(error.description == "cannot open '/store/x': Permission denied")
    #expect(!error.isDiskFull)
  }

  /// A file system of 4 MiB that fills up, where the test may mount one.
  @Test(.enabled(if: SmallDisk.isAllowed, "mounting a tmpfs is not allowed here"))
  func aDiskThatFillsUpLeavesNothingHalfWritten() async throws {
    let disk = try SmallDisk()
    let store = try await Store.open(at: "\(disk.path)/cache", mode: .create)
    let attempt = try #require(try await store.ledger.claim(call("a")).attempt)
    let huge = [UInt8](repeating: 1, count: 8 << 20)
    let error = await #expect(throws: StoreError.self) { try await store.objects.put(huge) }
    #expect(error?.isDiskFull == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(disk.path)/cache/objects")
        .allSatisfy { !$0.hasPrefix("temp-") }
    )

    // Somebody else fills the disk after the call was granted: its answer fits all the same.
    let filler = "\(disk.path)/filler"
    _ = FileManager.default.createFile(atPath: filler, contents: nil)
    let handle = try #require(FileHandle(forWritingAtPath: filler))
    while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
    let body = [UInt8](repeating: 65, count: 200_000)
    try await settle(attempt, body, store)

    // Nothing more is granted until there is space for what it brings.
    while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
    let full = await #expect(throws: StoreError.self) { try await store.ledger.claim(call("b")) }
    #expect(full?.isDiskFull == true)
    #expect(full?.description.contains("keep space for answers under way in") == true)
    try handle.close()
    try FileManager.default.removeItem(atPath: filler)
    let second = try #require(try await store.ledger.claim(call("b")).attempt)
    try await settle(second, body, store)
    #expect(try await store.ledger.answer(for: attempt.key)?.body == body)
    #expect(try await store.verify().isSound)
    await store.close()
  }

  private func settle(_ attempt: Attempt, _ body: [UInt8], _ store: Store) async throws {
    try await store.ledger.settle(
      attempt,
      .answered,
      body: body,
      servedModel: nil,
      tokens: TokenCounts()
    )
  }
}

/// A tmpfs of its own, unmounted when let go.
private final class SmallDisk: Sendable {
  static let isAllowed = (try? SmallDisk()) != nil

  let path: String

  init() throws {
    path = "\(NSTemporaryDirectory())/distill-disk-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    do {
      try runTool(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", path])
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
  }

  deinit {
    _ = try? runTool(["umount", path])
    try? FileManager.default.removeItem(atPath: path)
  }
}
