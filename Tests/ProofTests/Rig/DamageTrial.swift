import Foundation
import Primitives
import TestSupport
import Testing

/// One store with damage: whether that is found, whether anything wrong is served, and whether a
/// repair keeps what is whole.
struct DamageTrial {
  /// What a damage that `verify` does not find may be.
  private enum Silence {
    /// Every table means what it meant.
    case meansTheSame
    /// The last transactions of a log are gone, as a kill may leave it.
    case cutOff
    /// A column differs that no sum covers (docs/store.md, "Verification").
    case unsummed
    case unknown(String)
  }

  /// Columns that `verify` cannot check, none of which shapes what is served.
  private static let unsummed: Set<String> = [
    "ledger.calls.request", "ledger.attempts.started_at", "ledger.attempts.ended_at",
    "ledger.attempts.reserved_nanos", "ledger.attempts.detail", "ledger.claims.started_at",
    "ledger.claims.detail",
    "ledger.claims.owner", "ledger.payers.run", "ledger.payers.account", "ledger.models.identity",
    "ledger.accounts.name", "ledger.meta.value",
    "index.instances.workflow", "index.instances.instance", "index.instances.key",
    "index.instances.run", "index.runs.workflow", "index.runs.started_at", "index.runs.ended_at",
    "index.runs.commit_id", "index.runs.owner", "index.files.device", "index.files.inode",
    "index.files.size", "index.files.mtime", "index.files.ctime", "index.files.checked_at",
    "index.files.digest",
  ]

  let bed: DamageBed
  let damages: [(file: String, damage: Damage)]
  let place: Comment
  /// Changes by SQL to the ledger, before its bytes are damaged.
  private let sql: [String]
  /// A key, in hexadecimal digits, that becomes another one wherever the ledger's table has it.
  private let renaming: (from: String, to: String)?
  let cache = "damaged"
  var path: String { bed.project.cache(cache) }

  init(_ bed: DamageBed, _ damages: [(file: String, damage: Damage)], seed: Int64) {
    self.bed = bed
    self.damages = damages
    sql = []
    renaming = nil
    let what = damages.map { "\($0.file): \($0.damage)" }.joined(separator: "; ")
    place = "seed \(seed), \(bed.form.rawValue) store, \(what)"
  }

  init(_ bed: DamageBed, _ file: String, _ damage: Damage, seed: Int64) {
    self.init(bed, [(file, damage)], seed: seed)
  }

  init(
    _ bed: DamageBed,
    rows sql: [String],
    renaming: (from: String, to: String)? = nil,
    seed: Int64
  ) {
    self.bed = bed
    self.sql = sql
    self.renaming = renaming
    damages = [("ledger.sqlite", .edited)]
    place = "seed \(seed), \(sql.joined(separator: "; "))"
  }

  // MARK: Finding

  /// Damages a copy and looks for what `verify` says; whether it found all of it.
  @discardableResult
  func find(_ proof: inout Proof) throws -> Bool {
    try bed.copy(as: cache)
    for statement in sql { try bed.content.edit("ledger", of: path, statement) }
    if let renaming { try rename(renaming.from, to: renaming.to) }
    for (file, damage) in damages { try damage.apply(to: file, in: path) }
    proof.count("damaged", damages.count)
    let verified = try bed.project.ask("cache", "verify", cache: cache)
    #expect(verified.signal == nil, "\(place): \(verified.error)")
    // A marker of a later format: nothing is read or written.
    if verified.status == 2, damages.allSatisfy({ $0.file == "distill.json" }) {
      proof.count("refused as newer")
      return true
    }
    #expect([0, 5].contains(verified.status), "\(place): \(verified.status) \(verified.error)")
    guard verified.status == 5 else {
      try classify(&proof)
      return false
    }
    let places = Set((verified.summary["problems"]?.array ?? []).compactMap { $0["where"]?.string })
    #expect(!places.isEmpty, "\(place): \(verified.output)")
    for (file, damage) in damages where !isNamed(file, damage, in: places) {
      #expect(Bool(false), "\(place): \(file) is not named: \(verified.output)")
    }
    proof.count("found", damages.count)
    return true
  }

  /// Changes a key in the first place where the file has it, which leaves the tree above it as it was.
  private func rename(_ key: String, to other: String) throws {
    let url = URL(fileURLWithPath: "\(path)/ledger.sqlite")
    var bytes = try Data(contentsOf: url)
    let place = try #require(bytes.range(of: Self.bytes(key)), "the ledger has no such key")
    bytes.replaceSubrange(place, with: Self.bytes(other))
    try bytes.write(to: url)
  }

  private static func bytes(_ hexadecimal: String) -> Data {
    let digits = Array(hexadecimal.utf8)
    return Data(
      stride(from: 0, to: digits.count - 1, by: 2).map { index in
        UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
      }
    )
  }

  /// Whether a problem is told of a file; of a database, at any of its places.
  private func isNamed(_ file: String, _ damage: Damage, in places: Set<String>) -> Bool {
    // What names it is told of too, so any place will do for rows.
    if file.contains(".sqlite") { return true }
    // An object that nothing names may be deleted without a word.
    if case .gone = damage, file.hasPrefix("objects/") { return !places.isEmpty }
    return places.contains { $0 == "\(path)/\(file)" || $0.hasSuffix("/\(file)") }
  }

  private func classify(_ proof: inout Proof) throws {
    for (file, damage) in damages where !file.contains(".sqlite") {
      if isCutOff(file, damage) { return proof.count("as cut off") }
      // A line of it that reads is believed.
      if file == "pins" { return proof.count("in a file without sums") }
      if try bed.needNotStay(file, damage) { return proof.count("copies of inputs") }
      #expect(Self.holdsNothing(file), "\(place): not found")
    }
    switch try silence() {
    case .meansTheSame: proof.count("mean the same", damages.count)
    case .cutOff: proof.count("as cut off")
    case .unsummed: proof.count("in a column without a sum")
    case .unknown(let columns): #expect(Bool(false), "\(place): not found, changed \(columns)")
    }
  }

  /// Whether all that differs is the end of the events, which a kill may cut off anywhere.
  private func isCutOff(_ file: String, _ damage: Damage) -> Bool {
    guard file.hasSuffix("/events.jsonl") else { return false }
    let before = FileManager.default.contents(atPath: "\(bed.whole)/\(file)") ?? Data()
    let after = FileManager.default.contents(atPath: "\(path)/\(file)") ?? Data()
    let whole = after[..<((after.lastIndex(of: 0x0A) ?? -1) + 1)]
    return before.starts(with: whole)
  }

  /// Files whose bytes nobody depends on (docs/store.md).
  static func holdsNothing(_ file: String) -> Bool {
    ["rates/", "locks/"].contains { file.hasPrefix($0) } || file.hasSuffix("-shm")
  }

  private func silence() throws -> Silence {
    let columns = try bed.content.columns(of: path)
    let changed = Self.changes(bed.columns, columns)
    if changed.isEmpty { return .meansTheSame }
    if changed.isSubset(of: Self.unsummed) { return .unsummed }
    for (file, damage) in damages where file.hasSuffix("-wal") {
      let touched = damage.touched(of: bed.size(of: file))
      let commits = try bed.commits(ofLog: file)
      // What a whole transaction lies behind is no end of a log, but a hole in it. Without the head
      // that ended the transaction before it, it is the rest of that one.
      let isHole = commits.dropLast().contains {
        $0.end >= touched.upperBound && !$0.head.overlaps(touched)
      }
      guard !isHole else { continue }
      try bed.copy(as: "cut")
      let end = commits.last { $0.end <= touched.lowerBound }?.end ?? 0
      try Damage.cut(end).apply(to: file, in: bed.project.cache("cut"))
      let cut = try bed.content.columns(of: bed.project.cache("cut"))
      if Self.changes(cut, columns).isEmpty { return .cutOff }
    }
    return .unknown(changed.sorted().joined(separator: ", "))
  }

  private static func changes(_ one: [String: String], _ other: [String: String]) -> Set<String> {
    Set(Set(one.keys).union(other.keys).filter { one[$0] != other[$0] })
  }
}
