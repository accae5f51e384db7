import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// A closed store with a bit of everything, and what is in it.
///
/// Three runs with results, calls in every state, long answers and requests, a job, an input.
struct SampleStore {
  static let workflow = "sample"
  static let runCount = 3
  static let answersPerRun = 8

  let folder: TemporaryFolder
  /// What is recorded, call by call.
  let answers: [Digest: RecordedAnswer]
  /// The keys of results, in the order in which they were made.
  let results: [Digest]
  let runs: [String]
  let spending: Spending
  var path: String { "\(folder.path)/cache" }

  static let longText = String(repeating: "a long answer ", count: 19_000)

  static func make() async throws -> SampleStore {
    let folder = try TemporaryFolder()
    let store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    var runs: [String] = []
    var results: [Digest] = []
    for number in 0..<runCount {
      let made = try await fill(store, run: number)
      runs.append(made.run)
      results.append(made.result)
      try await Task.sleep(for: .milliseconds(2))
    }
    try await addDoubts(store)
    let keys = (0..<runCount).flatMap { run in
      (0..<answersPerRun).map { Digest(of: "call \(run).\($0)") }
    }
    let sample = SampleStore(
      folder: folder,
      answers: try await store.ledger.lookup(keys),
      results: results,
      runs: runs,
      spending: try await store.ledger.spending(account: workflow)
    )
    await store.close()
    // So that the databases are one file each: the log would hide what happens to them.
    for name in ["ledger", "index"] {
      try runSQLite("\(sample.path)/\(name).sqlite", "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    return sample
  }

  private static func fill(
    _ store: Store,
    run number: Int
  ) async throws -> (run: String, result: Digest) {
    let run = try await store.runs.begin(workflow: workflow, commit: "c\(number)")
    try run.appendEvent(["type": "run", "number": JSON(number)])
    try run.appendEvent(["type": "end", "number": JSON(number)])
    for index in 0..<answersPerRun {
      let text = index == 5 ? longText + "\(number)" : "answer \(number).\(index)"
      try await settle(store, "call \(number).\(index)", run.id, text)
    }
    let input = try await store.objects.put("input of \(number)")
    let preimage: JSON = ["kind": "generate", "input": .string(input.digest.hex)]
    let key = try await store.results.putPreimage(preimage)
    let rows = try await store.objects.put("rows of run \(number)\n")
    let summary = try await store.objects.put("summary of run \(number)\n")
    let outputs = [("rows", rows), ("summary", summary)]
    try await store.results.record(
      key: key,
      kind: "generate",
      outputs: outputs.map { (part: $0.0, object: $0.1) },
      facts: ["made": JSON(answersPerRun)],
      runID: run.id
    )
    try await store.results.noteInstance(
      workflow: workflow,
      instance: "node-\(number)",
      key: key,
      runID: run.id
    )
    try await run.writeRecord(record(run.id, number, key, outputs, input))
    try await store.runs.finish(run.id, status: .succeeded)
    return (run.id, key)
  }

  private static func record(
    _ run: String,
    _ number: Int,
    _ key: Digest,
    _ outputs: [(String, ObjectRef)],
    _ input: ObjectRef
  ) -> JSON {
    func object(_ reference: ObjectRef) -> JSON {
      ["sha256": .string(reference.digest.hex), "size": JSON(reference.size)]
    }
    return [
      "version": 1, "id": .string(run), "workflow": ["name": .string(workflow)],
      "started_at_ms": JSON(1_795_000_000_000 + number),
      "summary": ["status": "succeeded", "commit": .string("c\(number)"), "seconds": 1.5],
      "files": [object(input)],
      "instances": [
        [
          "id": .string("node-\(number)"), "kind": "generate", "status": "ran",
          "key": .string(key.hex), "origin_run": .string(run),
          "facts": ["made": JSON(answersPerRun)],
          "outputs": .object(JSONObject(outputs.map { ($0.0, object($0.1)) })),
        ]
      ],
    ]
  }

  private static func settle(
    _ store: Store,
    _ name: String,
    _ run: String,
    _ text: String
  ) async throws {
    let request = CallRequest(
      key: Digest(of: name),
      model: "test://model",
      request: Array(#"{"prompt":"\#(name)"}"#.utf8),
      runID: run,
      reserve: Money(usd: 0.01),
      account: workflow
    )
    let attempt = try #require(try await store.ledger.claim(request).attempt)
    try await store.ledger.settle(
      attempt,
      .answered,
      body: Array(text.utf8),
      servedModel: "served-1",
      tokens: TokenCounts(prompt: 7, completion: 9),
      cost: Money(usd: 0.001)
    )
  }

  private static func addDoubts(_ store: Store) async throws {
    let doubtful = try #require(try await store.ledger.claim(call("doubtful")).attempt)
    try await store.ledger.leaveInDoubt(doubtful, detail: ["message": "reset"])
    let released = try #require(try await store.ledger.claim(call("released")).attempt)
    try await store.ledger.release(released, .declined)
    let long = CallRequest(
      key: Digest(of: "long request"),
      model: "test://model",
      request: Array(#"{"prompt":"\#(longText)"}"#.utf8),
      runID: "run-1"
    )
    let attempt = try #require(try await store.ledger.claim(long).attempt)
    try await store.ledger.settle(attempt, text: "short")
    _ = try await store.ledger.openJob(
      key: Digest(of: "job"),
      kind: .fineTune,
      model: "m",
      runID: "run-1",
      reserve: Money(usd: 1)
    )
  }

  // MARK: Copies

  /// A copy in a folder of its own, to be damaged.
  func copy() throws -> Copy {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: path, toPath: "\(folder.path)/cache")
    return Copy(folder: folder, sample: self)
  }

  struct Copy {
    let folder: TemporaryFolder
    let sample: SampleStore
    var path: String { "\(folder.path)/cache" }

    func bytes(of name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    /// Puts other bytes in the place of a file's.
    func replace(_ name: String, with bytes: [UInt8]) throws {
      let file = "\(path)/\(name)"
      chmod(file, 0o600)
      try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func flip(_ name: String, bit: Int) throws {
      var bytes = try bytes(of: name)
      bytes[bit / 8] ^= 1 << (bit % 8)
      try replace(name, with: bytes)
    }

    /// All regular files, relative to the store, sorted; the locks are left out.
    func files() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(
          atPath: "\(path)/\(name)",
          isDirectory: &isFolder
        )
        return isThere && !isFolder.boolValue && !name.hasPrefix("locks/")
      }.sorted()
    }

    /// Whether an open store has so many of the answers.
    func store(_ store: Store, serves count: Int) async throws -> Bool {
      try await store.ledger.lookup(Array(sample.answers.keys)).count == count
    }

    /// Nothing that the store gives is other than it was: each answer is the old one or none.
    ///
    /// - Returns: How many answers are served.
    @discardableResult
    func expectOnlyTruth(at location: SourceLocation = #_sourceLocation) async throws -> Int {
      let store = try await Store.open(at: path, mode: .existing)
      var served = 0
      for (key, answer) in sample.answers {
        guard let found = try await store.ledger.answer(for: key) else { continue }
        served += 1
        #expect(found.body == answer.body, sourceLocation: location)
        #expect(found.outcome == answer.outcome, sourceLocation: location)
        #expect(found.servedModel == answer.servedModel, sourceLocation: location)
        #expect(found.tokens == answer.tokens, sourceLocation: location)
      }
      for key in sample.results {
        guard let result = try await store.results.lookup(key) else { continue }
        for output in result.outputs { _ = try await store.objects.read(output.object) }
      }
      await store.close()
      return served
    }
  }
}
