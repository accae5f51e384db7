import Foundation
import Primitives
import TestSupport
import Testing

/// P9: damage to the records of runs, to the small files, and to rows by hands that know SQL.
@Suite("P9 records", .serialized)
struct P9RecordTests {
  @Test("every byte of records, events, pins and the marker; edited, cut, zeros, deleted")
  func records() throws {
    var proof = Proof("P9 records")
    let bed = try DamageBed(.closed)
    let runs = try bed.runs()
    try #require(!runs.isEmpty)
    let files = bed.files.filter { file in
      ["/run.json", "/events.jsonl"].contains { file.hasSuffix($0) }
        || ["pins", "distill.json"].contains(file)
    }
    try #require(files.count == 4)
    for file in files {
      var damages = try Self.edits(of: file, bed)
      let size = bed.size(of: file)
      let flips = Proof.count(full: 2000, short: 4)
      damages += (0..<flips).map { number in
        let isSmall = size <= 2000
        let byte = isSmall ? (number * 2000 / flips) % size : proof.random.below(size)
        return .flip(byte: byte, bit: proof.random.below(8))
      }
      for (number, damage) in damages.enumerated() {
        let trial = DamageTrial(bed, file, damage, seed: proof.seed)
        try trial.find(&proof)
        try trial.show(runs, &proof)
        // A store without its marker, or with that of a later release, is not touched.
        guard number.isMultiple(of: Proof.isFull ? 10 : 4), file != "distill.json" else { continue }
        try trial.serve(withoutIndex: false, &proof)
        try trial.repair(atMost: 0, &proof)
      }
    }
    try proof.report()
  }

  /// What somebody may do to a file with an editor, and what a disk may do to all of it.
  private static func edits(of file: String, _ bed: DamageBed) throws -> [Damage] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(bed.whole)/\(file)"))
    var damages = [Damage.zeros(from: 0, count: bytes.count), .cut(0), .cut(bytes.count / 2)]
    damages += stride(from: 4096, to: bytes.count, by: 4096).map { .cut($0) }
    if file.hasSuffix("/run.json") { damages.append(.gone) }
    let text = String(decoding: bytes, as: UTF8.self)
    // Still JSON, and something else.
    for (old, new) in [("succeeded", "failed"), ("\"ran\"", "\"reused\""), ("20", "21")]
    where text.contains(old) {
      let place = text.range(of: old)
      let edited = place.map { text.replacingCharacters(in: $0, with: new) } ?? text
      damages.append(.replaced(by: Data(edited.utf8)))
    }
    if file.hasSuffix(".jsonl") {
      var lines = text.split(separator: "\n").map(String.init)
      lines[1] = String(lines[1].dropLast(2))
      damages.append(.replaced(by: Data((lines.joined(separator: "\n") + "\n").utf8)))
    }
    return damages
  }

  @Test("rows that were changed by SQL: an answer's text, answers that changed places")
  func rows() throws {
    var proof = Proof("P9 rows")
    let bed = try DamageBed(.checkpointed)
    let other = "(SELECT body FROM answers WHERE id = 2 << 20 | 1)"
    let changes: [(lost: Int, sql: [String])] = [
      (
        1,
        [
          "UPDATE answers SET body = CAST(replace(body, 'answer', 'ANSWER') AS BLOB) WHERE id = 1 << 20 | 1"
        ]
      ),
      (1, ["UPDATE answers SET body = \(other) WHERE id = 1 << 20 | 1"]),
      (1, ["UPDATE attempts SET outcome = 'refused' WHERE id = 1 << 20 | 1"]),
      (1, ["UPDATE attempts SET served_model = 'another' WHERE id = 1 << 20 | 1"]),
      (1, ["UPDATE attempts SET completion_tokens = completion_tokens + 1 WHERE id = 1 << 20 | 1"]),
      (1, ["DELETE FROM answers WHERE id = 1 << 20 | 1"]),
      (
        1,
        [
          "DELETE FROM attempts WHERE id = 1 << 20 | 1",
          "DELETE FROM answers WHERE id = 1 << 20 | 1",
        ]
      ),
      (0, ["UPDATE attempts SET cost_nanos = cost_nanos * 2 WHERE id = 1 << 20 | 1"]),
      (0, ["UPDATE accounts SET settled_nanos = settled_nanos - 1000"]),
    ]
    for (lost, sql) in changes {
      let trial = DamageTrial(bed, rows: sql, seed: proof.seed)
      #expect(try trial.find(&proof), "\(trial.place)")
      try trial.serve(withoutIndex: true, &proof)
      #expect(try trial.repair(atMost: lost, &proof) == lost, "\(trial.place)")
    }
    try proof.report()
  }

  @Test("two records for one key with different answers, each rightly sealed")
  func twoRecords() throws {
    var proof = Proof("P9 two records")
    let bed = try DamageBed(.checkpointed)
    // Two attempts of one call, as asking afresh leaves them: the later one counts, everywhere.
    let later = """
      INSERT INTO attempts SELECT (1 << 20) + 2, model, NULL, started_at, ended_at, outcome,
        served_model, prompt_tokens, completion_tokens, reserved_nanos, 0, detail
      FROM attempts WHERE id = (1 << 20) + 1
      """
    let body = "(SELECT body FROM answers WHERE id = (2 << 20) + 1)"
    let answer = """
      INSERT INTO answers SELECT (1 << 20) + 2, seal(c.key, \(body), a.outcome, a.served_model,
        a.prompt_tokens, a.completion_tokens), NULL, \(body)
      FROM attempts a JOIN calls c ON c.id = 1 WHERE a.id = (1 << 20) + 2
      """
    var outcomes: Set<String> = []
    for _ in 0..<2 {
      let cache = "twice"
      try bed.copy(as: cache)
      try bed.content.edit("ledger", of: bed.project.cache(cache), later, answer)
      let verified = try bed.project.ask("cache", "verify", cache: cache)
      #expect(verified.status == 0, "\(verified.output)")
      for end in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(
          atPath: "\(bed.project.cache(cache))/index.sqlite\(end)"
        )
      }
      let run = try DamageBed.run(bed.project, "w.yaml", cache: cache, "--frozen")
      #expect(run.status == 0, "\(run.error)")
      outcomes.insert(try bed.project.digest(of: "answers", part: "rows", cache: cache) ?? "-")
      proof.count("later answers served")
    }
    #expect(outcomes.count == 1)
    #expect(outcomes.first != bed.lineage["answers"]?["rows"]?["sha256"]?.string)

    // Two calls of one key, which no statement can make: bytes of the file are changed.
    let keys = try (1...2).map { call in
      try bed.content.first("SELECT key FROM calls WHERE id = \(call)", in: bed.whole)[0].string
        ?? ""
    }
    let resealed = """
      UPDATE answers SET seal = (SELECT seal(c.key, answers.body, a.outcome, a.served_model,
        a.prompt_tokens, a.completion_tokens)
        FROM attempts a JOIN calls c ON c.id = 1 WHERE a.id = answers.id)
      WHERE id = (2 << 20) + 1
      """
    let trial = DamageTrial(bed, rows: [resealed], renaming: (keys[1], keys[0]), seed: proof.seed)
    #expect(try trial.find(&proof), "\(trial.place)")
    try trial.serve(withoutIndex: true, &proof)
    try trial.repair(atMost: 2, &proof)
    try proof.report()
  }
}
