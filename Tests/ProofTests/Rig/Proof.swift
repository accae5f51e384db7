// ProofTests: the promises of docs/promises.md, tried on the built tool by faults, kills and signals.
//
// The counts are those that the promises ask for with DISTILL_PROVE=full, a part of them with
// DISTILL_PROVE_SHARE besides, and a short form's else. Scripts/prove.sh runs them at full size and
// makes a table of what was counted.

import Foundation
import Primitives

/// One test of a promise: how much it does, its random numbers, and what it counted.
struct Proof {
  /// Whether everything that the promises ask for is to be done.
  static let isFull = ProcessInfo.processInfo.environment["DISTILL_PROVE"] == "full"

  /// The part of the full form's trials that is done, above 0 and at most 1: `DISTILL_PROVE_SHARE`,
  /// for a machine that has less time than they take.
  static let share =
    ProcessInfo.processInfo.environment["DISTILL_PROVE_SHARE"].flatMap(Double.init)
    .flatMap { (0...1).contains($0) && $0 > 0 ? $0 : nil } ?? 1

  /// How many trials there are by the form of the proof; a share is never fewer than the short form.
  static func count(full: Int, short: Int) -> Int {
    isFull ? max(short, Int((Double(full) * share).rounded())) : short
  }

  /// How far apart the steps are that are tried; each one in the full form.
  static func stride(short: Int) -> Int {
    isFull ? min(short, Int((1 / share).rounded())) : short
  }

  /// A size that a trial has by the form of the proof, whatever the share.
  static func size(full: Int, short: Int) -> Int { isFull ? full : short }

  /// As it stands in the table: `P1 A`.
  let name: String
  /// `DISTILL_PROVE_SEED` repeats the random choices of an earlier proof, whose seed was printed.
  let seed: Int64
  var random: SeededGenerator
  private var counts: [(key: String, value: Int)] = []
  private let start = ContinuousClock.now

  init(_ name: String) {
    let named = ProcessInfo.processInfo.environment["DISTILL_PROVE_SEED"].flatMap(Int64.init)
    self.name = name
    seed = named ?? Int64.random(in: 0..<1_000_000)
    random = SeededGenerator(seed: seed, label: name)
    print("\(name): DISTILL_PROVE_SEED=\(seed)")
  }

  /// Adds to what the proof's line in the table shows.
  mutating func count(_ what: String, _ number: Int = 1) {
    if let index = counts.firstIndex(where: { $0.key == what }) {
      counts[index].value += number
    } else {
      counts.append((what, number))
    }
  }

  /// Keeps the largest of the numbers given.
  mutating func most(_ what: String, _ number: Int) {
    if let index = counts.firstIndex(where: { $0.key == what }) {
      counts[index].value = max(counts[index].value, number)
    } else {
      counts.append((what, number))
    }
  }

  /// What was counted so far under a name.
  func counted(_ what: String) -> Int { counts.first { $0.key == what }?.value ?? 0 }

  /// Writes the proof's line to the file that `DISTILL_PROVE_REPORT` names, and to standard output.
  func report() throws {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let line: JSON = [
      "proof": .string(name), "full": .bool(Self.isFull), "share": .number(Self.share),
      "seed": .integer(seed),
      "seconds": .number((seconds * 10).rounded() / 10),
      "counts": .object(JSONObject(counts.map { ($0.key, .integer(Int64($0.value))) })),
    ]
    print(line.compactText)
    guard let path = ProcessInfo.processInfo.environment["DISTILL_PROVE_REPORT"] else { return }
    if !FileManager.default.fileExists(atPath: path) {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data("\(line.compactText)\n".utf8))
    try file.close()
  }
}
