import Foundation
import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Rates shared between processes")
struct RateBookTests {
  private static func stores() async throws -> (TemporaryFolder, Store, Store) {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/cache"
    let one = try await Store.open(at: path, mode: .create)
    return (folder, one, try await Store.open(at: path, mode: .existing))
  }

  private static func file(_ store: Store) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/rates")
    return "\(store.path)/rates/\(try #require(names.first))"
  }

  @Test("both see one sheet, and each the other's calls in flight")
  func sharesSheet() async throws {
    let (folder, one, other) = try await Self.stores()
    defer { _ = folder }
    let first = try #require(RateBook(one)).page(named: "m")
    let second = try #require(RateBook(other)).page(named: "m")
    first.update(now: 1) { sheet, share, others in
      sheet.concurrency = 7
      share.inFlight = 3
      #expect(others == RateOthers())
    }
    second.update(now: 2) { sheet, share, others in
      #expect(sheet.concurrency == 7)
      #expect(share == RateShare())
      #expect(others.inFlight == 3)
      #expect(others.active == 1)
      share.waiting = 1
    }
    first.update(now: 3) { _, share, others in
      #expect(share.inFlight == 3)
      #expect(others.leastOfWaiting == 0)
    }
    let another = try #require(RateBook(one)).page(named: "n")
    another.update(now: 4) { sheet, _, _ in #expect(sheet == RateSheet()) }
    await one.close()
    await other.close()
  }

  @Test("what a process had that ended is free again")
  func dropsDead() async throws {
    let (folder, one, other) = try await Self.stores()
    defer { _ = folder }
    let first = try #require(RateBook(one)).page(named: "m")
    let second = try #require(RateBook(other)).page(named: "m")
    first.update(now: 1) { _, share, _ in share.inFlight = 9 }
    second.update(now: 2) { _, _, others in #expect(others.inFlight == 9) }
    // As when it is killed: its lock is free, its row still there.
    await one.close()
    second.update(now: 3) { _, _, others in #expect(others.inFlight == 9) }
    second.update(now: 2_000_000_000) { _, _, others in #expect(others == RateOthers()) }
    await other.close()
  }

  @Test("a damaged, short or foreign file is begun anew", arguments: 0..<6)
  func replacesDamage(kind: Int) async throws {
    let (folder, one, other) = try await Self.stores()
    defer { _ = folder }
    let page = try #require(RateBook(one)).page(named: "m")
    page.update(now: 1) { sheet, share, _ in
      sheet.concurrency = 7
      share.inFlight = 2
    }
    let file = try Self.file(one)
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    switch kind {
    case 0: bytes = []
    case 1: bytes.removeLast(4000)
    case 2: bytes[40] ^= 1
    case 3: bytes[290] = 0xFF
    case 4: bytes[20] ^= 1
    default: bytes = Array("something else altogether".utf8)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    let fresh = try #require(RateBook(other)).page(named: "m")
    fresh.update(now: 2) { sheet, share, others in
      #expect(sheet == RateSheet())
      #expect(share == RateShare())
      #expect(others == RateOthers())
      sheet.concurrency = 5
    }
    // Who had it open before goes on with it: `write` changed the file in its place.
    page.update(now: 3) { sheet, _, others in
      #expect(sheet.concurrency == 5)
      #expect(others == RateOthers())
    }
    await one.close()
    await other.close()
  }

  @Test("a folder that cannot be written leaves each process to itself")
  func countsAlone() async throws {
    let (folder, one, other) = try await Self.stores()
    defer { _ = folder }
    try Data().write(to: URL(fileURLWithPath: "\(one.path)/rates"))
    let page = try #require(RateBook(one)).page(named: "m")
    page.update(now: 1) { sheet, _, _ in sheet.concurrency = 7 }
    page.update(now: 2) { sheet, _, _ in #expect(sheet.concurrency == 7) }
    await one.close()
    await other.close()
  }

  @Test("two services on one store: together never more in flight than the limit, and both work")
  func limitsTogether() async throws {
    let inFlight = Shared((now: 0, most: 0))
    let fixture = try await Fixture { request in
      inFlight.change {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      usleep(2000)
      inFlight.change { $0.now -= 1 }
      return Chat.echo(request)
    }
    let other = try await Store.open(at: fixture.store.path, mode: .existing)
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 6))
    let services = try [fixture.store, other].map { store in
      CallService(
        ledger: store.ledger,
        runID: "run",
        rates: try #require(RateBook(store)),
        transfer: fixture.transfer
      )
    }
    let shares = Shared([0, 0])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<300 {
        group.addTask {
          _ = try await services[number % 2].answer(.asking("\(number)"), from: endpoint)
          shares.change { $0[number % 2] += 1 }
        }
      }
      try await group.waitForAll()
    }
    #expect(shares.value == [150, 150])
    #expect(inFlight.value.most <= 6)
    #expect(inFlight.value.most >= 2)
    await other.close()
  }
}
