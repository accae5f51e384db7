import Foundation
import Primitives
import Store
import Testing

@Suite struct RunTests {
  @Test func aRunIsListedWithItsState() async throws {
    let test = try await TestStore()
    let runs = test.store.runs
    let first = try await runs.begin(workflow: "a.yaml", commit: "abc")
    let second = try await runs.begin(workflow: "b.yaml", commit: nil)
    try await runs.setCommit(second.id, "def")
    try await runs.finish(first.id, status: .succeeded)
    let info = try await runs.find(first.id)
    #expect(info.status == .succeeded)
    #expect(info.commit == "abc")
    #expect(info.endedAt != nil)
    #expect(!info.isLive)
    let open = try await runs.find(second.id)
    #expect(open.status == .running)
    #expect(open.commit == "def")
    #expect(open.isLive)
    #expect(Set(try await runs.list().map(\.id)) == [first.id, second.id])
  }

  @Test func aRunWhoseProcessEndedIsNotLive() async throws {
    let test = try await TestStore()
    let other = try await test.another()
    let run = try await other.runs.begin(workflow: "a.yaml", commit: nil)
    #expect(try await test.store.runs.find(run.id).isLive)
    await other.close()
    let info = try await test.store.runs.find(run.id)
    #expect(info.status == .running)
    #expect(!info.isLive)
  }

  @Test func aRunIsFoundByTheBeginningOfItsIdAndByLast() async throws {
    let test = try await TestStore()
    let runs = test.store.runs
    await #expect(throws: StoreError.noSuchRun("last")) { _ = try await runs.find("last") }
    var ids: [String] = []
    for _ in 0..<3 {
      ids.append(try await runs.begin(workflow: "a.yaml", commit: nil).id)
      // Runs are told apart by the millisecond in which they began.
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(try await runs.find("last").id == ids[2])
    #expect(try await runs.find(String(ids[0].dropLast())).id == ids[0])
    await #expect(throws: StoreError.ambiguousRun("2", candidates: ids.reversed())) {
      _ = try await runs.find("2")
    }
    await #expect(throws: StoreError.noSuchRun("x")) { _ = try await runs.find("x") }
    await #expect(throws: StoreError.noSuchRun("x")) {
      try await runs.finish("x", status: .failed)
    }
  }

  @Test func theRecordIsReplacedWhole() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    try await run.writeRecord(["status": "running"])
    try await run.writeRecord(["status": "succeeded", "outputs": [1, 2]])
    #expect(try await run.readRecord() == ["status": "succeeded", "outputs": [1, 2]])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.path).sorted()
        == ["logs", "run.json"]
    )
  }

  @Test func aTornLastEventIsNone() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    #expect(try await run.readEvents().isEmpty)
    try run.appendEvent(["type": "started"])
    try run.appendEvent(["type": "ended", "text": "two\nlines"])
    let handle = try #require(FileHandle(forWritingAtPath: run.eventsPath))
    handle.seekToEndOfFile()
    handle.write(Data(#"{"type":"half"#.utf8))
    try handle.close()
    #expect(
      try await run.readEvents()
        == [["type": "started"], ["type": "ended", "text": "two\nlines"]]
    )
  }

  @Test func aChangedByteOfARecordOrEventIsFound() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    try run.appendEvent(["type": "ended", "cost": 12])
    let record: JSON = ["version": 2, "id": .string(run.id), "cost": 12]
    try await run.writeRecord(record)
    #expect(try await run.readRecord() == record)
    #expect(try await test.store.verify().isSound)
    for path in [run.recordPath, run.eventsPath] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      // A last line without its end is a write that was cut off.
      for bit in 0..<(bytes.count * 8 - (path == run.eventsPath ? 8 : 0)) {
        var changed = bytes
        changed[bit / 8] ^= 1 << (bit % 8)
        try changed.write(to: URL(fileURLWithPath: path))
        await #expect(throws: StoreError.self, "bit \(bit) of \(path)") {
          _ = try await run.readRecord()
          _ = try await run.readEvents()
        }
      }
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    let problems = try await test.store.verify().problems
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test func recordsAndEventsOfEarlierReleasesReadWithoutSeals() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    try Data(#"{"version": 1, "cost": 12}"#.utf8).write(to: URL(fileURLWithPath: run.recordPath))
    try Data("{\"type\":\"ended\"}\n".utf8).write(to: URL(fileURLWithPath: run.eventsPath))
    #expect(try await run.readRecord() == ["version": 1, "cost": 12])
    #expect(try await run.readEvents() == [["type": "ended"]])
  }

  @Test func gapsInTheEventsOfARunWithoutARecordAreSkipped() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    try run.appendEvent(["type": "started"])
    let handle = try #require(FileHandle(forWritingAtPath: run.eventsPath))
    handle.seekToEndOfFile()
    handle.write(Data([0, 0, 0, 10]))
    try handle.close()
    try run.appendEvent(["type": "progress"])
    #expect(try await run.readEvents() == [["type": "started"], ["type": "progress"]])
    #expect(try await test.store.verify().isSound)
  }

  @Test func linesOfManyTasksDoNotMix() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          try? run.appendEvent([
            "n": .init(number), "pad": .string(String(repeating: "x", count: 999)),
          ])
        }
      }
    }
    #expect(Set(try await run.readEvents().compactMap { $0["n"]?.int }) == Set(0..<100))
  }

  @Test func logsOfDifferentNamesAreDifferentFiles() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "a.yaml", commit: nil)
    #expect(run.logPath("labels@gsm8k@cot").hasSuffix("/logs/labels@gsm8k@cot.log"))
    let names = ["a/b", "a_b", "a.b", "../a", "é", "e\u{301}", String(repeating: "n", count: 300)]
    let paths = names.map { run.logPath($0) }
    #expect(Set(paths).count == names.count)
    for path in paths {
      #expect(path.hasPrefix("\(run.path)/logs/"))
      #expect(!path.dropFirst(run.path.count + 6).contains("/"))
      try Data("log".utf8).write(to: URL(fileURLWithPath: path))
    }
  }
}
