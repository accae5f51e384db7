import Foundation
import Primitives
import TestSupport
import Testing

/// P8: power loss.
///
/// What is sent or used is on the disk before, and every state that a file system may be left in
/// is recovered from.
@Suite("P8", .serialized, .enabled(if: PowerLossLog.isPossible, "strace is missing or not allowed"))
struct P8Tests {
  private static let rows = 20
  private static let concurrency = 4

  private let project: Project
  private let witness: Witness
  private let lineage: String
  private let log: PowerLossLog

  init() throws {
    project = try Project(rows: Self.rows)
    witness = try Witness()
    let server = try TollServer()
    let settings = Project.Settings(concurrency: Self.concurrency, top: "in_doubt: resend")
    try project.write(server.url, settings)
    let cache = project.cache("traced")
    let (run, log) = try PowerLossLog.run(
      ["run", "w.yaml", "--json", "--cache", cache],
      in: project.path,
      over: cache
    )
    try #require(run.status == 0, "\(run.error)")
    self.log = log
    lineage = try project.lineage(cache: "traced")
  }

  @Test("the model of the disk ends with the very bytes that are on it")
  func model() throws {
    var disk = PowerLossDisk()
    for operation in log.operations { disk.apply(operation) }
    try PowerLossState.all.write(disk, to: project.cache("modelled"))
    let made = try files(in: project.cache("modelled"))
    // Reading the record of the run has opened the databases, which changes their -shm.
    let real = try files(in: project.cache("traced")).filter { !$0.key.hasSuffix("-shm") }
    #expect(Set(made.keys) == Set(real.keys))
    // The governors' state is written by a map, and is worth nothing after a reboot.
    for (path, bytes) in real where !path.hasPrefix("rates/") {
      #expect(made[path] == bytes, "\(path)")
    }
  }

  @Test("the model loses all answers of a run that does not sync its ledger")
  func unsynced() throws {
    var disk = PowerLossDisk()
    for operation in log.operations {
      // The operations are counted: one that does nothing takes the place of the sync.
      if case .syncEnds(let path, _) = operation, path.hasPrefix("ledger.sqlite") {
        disk.apply(.send([]))
      } else {
        disk.apply(operation)
      }
    }
    #expect(try view(disk).recorded.isEmpty)
  }

  @Test("an object is written, synced, named, and its folder synced, in this order")
  func objectsInOrder() throws {
    var proof = Proof("P8 order")
    var disk = PowerLossDisk()
    var named: [String: Int] = [:]
    for (index, operation) in log.operations.enumerated() {
      if case .rename(let old, let new) = operation, let file = disk.names.files[old] {
        let isSynced = disk.files[file].pending.isEmpty
        #expect(isSynced, "\(new) was named before it was synced")
        if new.hasPrefix("objects/") { named[new] = index }
      }
      disk.apply(operation)
      // Names of objects stand in rows of results, which a write of the index' log brings.
      if case .write(let path, _, let bytes) = operation, path == "index.sqlite-wal" {
        for name in named.keys where disk.sureNames.files[name] == nil {
          let digest = name.dropFirst("objects/".count).filter { $0 != "/" }
          let isNamed = Data(bytes).range(of: Data(Self.bytes(ofHexadecimal: digest))) != nil
          #expect(!isNamed, "\(name) was named by a result before its folder was synced")
        }
      }
    }
    #expect(named.count > 10)
    #expect(
      named.keys.allSatisfy { disk.sureNames.files[$0] != nil },
      "an object's name is not sure"
    )
    proof.count("objects", named.count)
    try proof.report()
  }

  @Test("a claim is on the disk before its request is sent, and answers before they are used")
  func intentsBeforeRequests() throws {
    var proof = Proof("P8 intents")
    var disk = PowerLossDisk()
    var sent: Set<String> = []
    // The object of the rows that were made of all answers.
    let digest = try #require(
      try project.digest(of: "answers", part: "rows", cache: "traced")
    )
    let object = "objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    for operation in log.operations {
      if case .send(let bytes) = operation, let key = Self.idempotencyKey(bytes) {
        let view = try view(disk)
        let known = Set(view.recorded.union(view.claimed).compactMap { view.calls[$0] })
        #expect(known.contains(key), "a call was sent whose claim was not on the disk")
        sent.insert(key)
        proof.count("requests")
      }
      if case .rename(_, object) = operation {
        #expect(try view(disk).recorded.count == Self.rows, "answers were used and not on the disk")
        proof.count("uses of all answers")
      }
      disk.apply(operation)
    }
    #expect(sent.count == Self.rows)
    #expect(proof.counted("uses of all answers") == 1)
    try proof.report()
  }

  @Test("every state that power loss may leave is verified and resumed from")
  func states() throws {
    var proof = Proof("P8")
    let stride = Proof.stride(short: 40)
    let server = try TollServer()
    let settings = Project.Settings(concurrency: Self.concurrency, top: "in_doubt: resend")
    try project.write(server.url, settings)
    var disk = PowerLossDisk()
    var sent: Set<String> = []
    var recorded: Set<String> = []
    var number = proof.random.below(stride)
    for (index, operation) in log.operations.enumerated() {
      if case .send(let bytes) = operation, let key = Self.idempotencyKey(bytes) {
        sent.insert(key)
      }
      disk.apply(operation)
      for state in PowerLossState.after(operation, on: disk) {
        proof.count("states")
        number += 1
        guard number.isMultiple(of: stride) else { continue }
        let place: Comment =
          "seed \(proof.seed), after \(index) of \(log.operations.count): \(state)"
        let cache = project.cache("cache")
        try? FileManager.default.removeItem(atPath: cache)
        try state.write(disk, to: cache)
        let before = try recover(server, sent: sent, recorded: recorded, place, &proof)
        if state == .sure { recorded.formUnion(before) }
        proof.count("recovered")
      }
    }
    try proof.report()
  }

  /// Verifies and resumes a state; gives the calls that were recorded in it.
  private func recover(
    _ server: TollServer,
    sent: Set<String>,
    recorded: Set<String>,
    _ place: Comment,
    _ proof: inout Proof
  ) throws -> Set<String> {
    let before = try witness.view(cache: project.cache())
    #expect(before.integrity == "ok" || before.calls.isEmpty, place)
    #expect(before.recorded.isSuperset(of: recorded), "\(place): a synced answer is gone")
    let known = Set(before.recorded.union(before.claimed).compactMap { before.calls[$0] })
    #expect(sent.isSubset(of: known), "\(place): \(sent.count) sent, \(known.count) known")
    if !known.isEmpty { try verify(place, &proof) }

    let bytes = server.bytes
    let run = try project.run()
    #expect(run.status == 0, "\(place): \(run.error)")
    #expect(run.calls("made") == Self.rows - before.recorded.count, place)
    let charges = try server.entries(from: bytes).charges
    let bought = Set(before.recorded.compactMap { before.calls[$0] })
    #expect(bought.isDisjoint(with: charges.keys), "\(place): bought again")
    #expect(charges.values.allSatisfy { $0 == 1 }, place)
    #expect(try project.lineage() == lineage, "\(place): not what it makes else")
    try verify(place, &proof)
    proof.count("answers kept", before.recorded.count)
    return before.recorded
  }

  /// Verifies the store: power loss is no damage.
  private func verify(_ place: Comment, _ proof: inout Proof) throws {
    let verified = try project.ask("cache", "verify")
    #expect(verified.status == 0, "\(place): \(verified.output)\(verified.error)")
    proof.count("verified")
  }

  /// What the ledger says in the worst state.
  private func view(_ disk: PowerLossDisk) throws -> Witness.View {
    let cache = project.cache("worst")
    try? FileManager.default.removeItem(atPath: cache)
    try PowerLossState.sure.write(disk, to: cache)
    return try witness.view(cache: cache)
  }

  private static func idempotencyKey(_ request: [UInt8]) -> String? {
    guard request.starts(with: "POST ".utf8) else { return nil }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let header = lines.first { $0.lowercased().hasPrefix("idempotency-key:") }
    return header?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
  }

  private static func bytes(ofHexadecimal text: String) -> [UInt8] {
    var rest = Substring(text)
    var bytes: [UInt8] = []
    while !rest.isEmpty {
      bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  private func files(in folder: String) throws -> [String: Data] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(into: [:]) { files, name in
      // Nil where it is a folder.
      files[name] = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
  }
}
