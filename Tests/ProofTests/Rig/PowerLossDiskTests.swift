import Foundation
import TestSupport
import Testing

/// The model of a disk by itself: what it keeps too well, the proof would not try.
@Suite("The disk that loses power")
struct PowerLossDiskTests {
  /// Two writes, the first of them synced, then a second name that no folder's sync made sure.
  private static let operations: [PowerLossLog.Operation] = [
    .makeFolder("d"), .create("d/a", empties: false),
    .syncBegins("d"), .syncEnds("d", begun: 2), .syncBegins(""), .syncEnds("", begun: 4),
    .write("d/a", offset: 0, [1, 2, 3, 4]),
    .syncBegins("d/a"),
    // It ends after the sync began, which therefore does not cover it.
    .write("d/a", offset: 2, [9, 9, 9]),
    .syncEnds("d/a", begun: 7),
    .rename("d/a", to: "d/b"),
  ]

  private static let expected: [(PowerLossState, name: String, bytes: [UInt8])] = [
    (.sure, "a", [1, 2, 3, 4]), (.all, "b", [1, 2, 9, 9, 9]), (.names, "b", [1, 2, 3, 4]),
    (.data, "a", [1, 2, 9, 9, 9]), (.zeros, "b", [1, 2, 0, 0, 0]), (.last, "b", [1, 2, 9, 9, 9]),
  ]

  @Test("keeps what a sync covered, and of the rest what each state says", arguments: 0..<6)
  func keeps(_ index: Int) throws {
    let (state, name, bytes) = Self.expected[index]
    #expect(try Self.files(Self.operations, state) == ["d/\(name)": bytes])
  }

  @Test("tears a write where the state says")
  func tears() throws {
    let long = [UInt8](repeating: 7, count: 5000)
    let write: [PowerLossLog.Operation] = [
      .create("a", empties: false), .write("a", offset: nil, long),
    ]
    #expect(try Self.files(write, .torn512)["a"] == Array(long.prefix(512)))
    #expect(try Self.files(write, .torn4096)["a"] == Array(long.prefix(4096)))
    let tail = [UInt8](repeating: 0, count: 512) + long.dropFirst(512)
    #expect(try Self.files(write, .tail512)["a"] == tail)
  }

  @Test("a name that was removed is gone once its folder was synced, and not before")
  func removes() throws {
    let removed = Self.operations.dropLast() + [.remove("d/a")]
    #expect(try Self.files(Array(removed), .sure).count == 1)
    #expect(try Self.files(Array(removed), .all).isEmpty)
    let number = removed.count
    let synced = removed + [.syncBegins("d"), .syncEnds("d", begun: number)]
    #expect(try Self.files(Array(synced), .sure).isEmpty)
  }

  /// The files of a state, as they are then written.
  private static func files(
    _ operations: [PowerLossLog.Operation],
    _ state: PowerLossState
  ) throws -> [String: [UInt8]] {
    var disk = PowerLossDisk()
    for operation in operations { disk.apply(operation) }
    let folder = try TemporaryFolder()
    try state.write(disk, to: "\(folder.path)/disk")
    let names = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/disk")
    return names.reduce(into: [:]) { files, name in
      let data = try? Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/disk/\(name)"))
      files[name] = data.map { Array($0) }
    }
  }
}
