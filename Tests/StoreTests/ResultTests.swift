import Foundation
import Primitives
import Store
import Testing

@Suite struct ResultTests {
  @Test func aKeyIsTheDigestOfItsPreimage() async throws {
    let test = try await TestStore()
    let preimage: JSON = ["kind": "parse", "inputs": ["b", "a"], "version": 1]
    let key = try await test.store.results.putPreimage(preimage)
    #expect(key == Digest(of: #"{"inputs":["b","a"],"kind":"parse","version":1}"#))
    #expect(try await test.store.results.preimage(key) == preimage)
    #expect(try await test.store.results.putPreimage(preimage) == key)
    #expect(try await test.store.results.preimage(Digest(of: "other")) == nil)
  }

  @Test func aRecordedResultIsFoundByAllProcesses() async throws {
    let test = try await TestStore()
    let (key, record) = try await record("one", in: test.store)
    for store in [test.store, try await test.another(), try await test.another(.readOnly)] {
      let found = try #require(try await store.results.lookup(key))
      #expect(found.kind == "parse")
      #expect(found.outputs.map(\.part) == ["labels", "counts"])
      #expect(found["counts"] == record["counts"])
      #expect(found["other"] == nil)
      #expect(found.facts == ["tokens": 12])
      #expect(found.runID == "run-1")
      #expect(found.madeAt == record.madeAt)
    }
    #expect(try await test.store.results.lookup(Digest(of: "unknown")) == nil)
  }

  @Test func aResultWithoutAllItsOutputsIsNoHit() async throws {
    let test = try await TestStore()
    let (key, record) = try await record("one", in: test.store)
    let counts = try #require(record["counts"])
    try FileManager.default.removeItem(atPath: test.store.objects.path(of: counts.digest))
    #expect(try await test.store.results.lookup(key) == nil)
    #expect(try await test.store.results.all(for: key).count == 1)
  }

  @Test func theLatestCompleteResultCounts() async throws {
    let test = try await TestStore()
    let (key, first) = try await record("one", in: test.store)
    let (_, second) = try await record("one", output: "another reading", in: test.store)
    #expect(first["labels"] != second["labels"])
    #expect(try await test.store.results.lookup(key)?["labels"] == second["labels"])
    let labels = try #require(second["labels"])
    try FileManager.default.removeItem(atPath: test.store.objects.path(of: labels.digest))
    #expect(try await test.store.results.lookup(key)?["labels"] == first["labels"])
    #expect(
      try await test.store.results.all(for: key).map { $0["labels"] }
        == [first["labels"], second["labels"]]
    )
  }

  @Test(arguments: [
    "UPDATE outputs SET part = 'labelt' WHERE position = 0", "UPDATE outputs SET size = size + 1",
    "UPDATE outputs SET position = 1 - position + 1000 WHERE position = 0",
    "UPDATE results SET kind = 'parsf'", "UPDATE results SET run = 'run-3'",
    "UPDATE results SET facts = replace(facts, '12', '13')",
    "UPDATE results SET facts = replace(facts, 'seal', 'sebl')",
    "UPDATE results SET facts = replace(facts, 'tokens', 'tokent')",
  ])
  func aChangedRowIsNotServedAndIsFound(_ change: String) async throws {
    let test = try await TestStore()
    let (key, _) = try await record("one", in: test.store)
    try runSQLite("\(test.path)/index.sqlite", change)
    await #expect(throws: StoreError.self) { _ = try await test.store.results.lookup(key) }
    #expect(try await test.store.verify().isSound == false)
    await test.store.close()
    _ = try await Store.repair(at: test.path)
    let repaired = try await test.another()
    #expect(try await repaired.verify().isSound)
    #expect(try await repaired.results.lookup(key) == nil)
  }

  @Test func aRowOfAnEarlierReleaseCountsWithoutASeal() async throws {
    let test = try await TestStore()
    let (key, _) = try await record("one", in: test.store)
    try runSQLite("\(test.path)/index.sqlite", #"UPDATE results SET facts = '{"tokens":12}'"#)
    #expect(try await test.store.results.lookup(key)?.facts == ["tokens": 12])
  }

  @Test func aResultIsNotRecordedWithoutItsOutputs() async throws {
    let test = try await TestStore()
    let key = try await test.store.results.putPreimage(["kind": "x"])
    let missing = ObjectRef(of: Array("nowhere".utf8))
    let error = await #expect(throws: StoreError.self) {
      try await test.store.results.record(
        key: key,
        kind: "x",
        outputs: [("out", missing)],
        facts: [:],
        runID: "run-1"
      )
    }
    #expect(error?.isDamage == true)
    #expect(try await test.store.results.all(for: key).isEmpty)
  }

  @Test func anInstanceRemembersItsLastKey() async throws {
    let test = try await TestStore()
    let results = test.store.results
    let (one, two) = (Digest(of: "1"), Digest(of: "2"))
    try await results.noteInstance(
      workflow: "w.yaml",
      instance: "labels@cot",
      key: one,
      runID: "run-1"
    )
    try await results.noteInstance(
      workflow: "w.yaml",
      instance: "answers",
      key: one,
      runID: "run-1"
    )
    try await results.noteInstance(
      workflow: "w.yaml",
      instance: "labels@cot",
      key: two,
      runID: "run-2"
    )
    let last = try await results.lastInstance(workflow: "w.yaml", instance: "labels@cot")
    #expect(last?.key == two)
    #expect(last?.runID == "run-2")
    #expect(try await results.lastInstance(workflow: "v.yaml", instance: "answers") == nil)
    #expect(
      try await results.lastInstances(workflow: "w.yaml").map(\.instance)
        == ["answers", "labels@cot"]
    )
  }

  private func record(
    _ name: String,
    output: String = "7\n",
    in store: Store
  ) async throws -> (Digest, ResultRecord) {
    let key = try await store.results.putPreimage(["name": .string(name)])
    let labels = try await store.objects.put(output)
    let counts = try await store.objects.put("{}")
    let record = try await store.results.record(
      key: key,
      kind: "parse",
      outputs: [("labels", labels), ("counts", counts)],
      facts: ["tokens": 12],
      runID: "run-1"
    )
    return (key, record)
  }
}
