import Foundation
import Primitives
import TestSupport
import Testing

/// P9: damage is found and named, nothing damaged is served, and a repair keeps what is whole.
@Suite("P9", .serialized)
struct P9Tests {
  @Test("flipped bytes of all objects at once, and one by one")
  func objects() throws {
    var proof = Proof("P9 objects")
    let bed = try DamageBed(.closed)
    // Small objects have each of their bytes flipped in the full form, large ones 2,000 bits.
    let rounds = Proof.count(full: 2000, short: 4)
    for round in 0..<rounds {
      let damages = bed.objects.map { file -> (file: String, damage: Damage) in
        let size = bed.size(of: file)
        let byte = size <= 2000 ? (round * 2000 / rounds) % size : proof.random.below(size)
        return (file, .flip(byte: byte, bit: proof.random.below(8)))
      }
      let trial = DamageTrial(bed, damages, seed: proof.seed)
      #expect(try trial.find(&proof), "\(trial.place)")
      guard round.isMultiple(of: 20) else { continue }
      // The answer that is an object itself is lost, and no other.
      try trial.serve(withoutIndex: false, &proof)
      try trial.repair(atMost: 1, &proof)
    }
    try proof.report()
  }

  @Test("each object alone: flipped, cut at every 4 KiB, zeros, deleted, swapped")
  func objectsAlone() throws {
    var proof = Proof("P9 single objects")
    let bed = try DamageBed(.closed)
    let objects = bed.objects
    var damages: [(String, Damage)] = []
    for file in objects {
      let size = bed.size(of: file)
      let other = objects.filter { $0 != file }[proof.random.below(objects.count - 1)]
      damages += [
        (file, .flip(byte: proof.random.below(size), bit: proof.random.below(8))), (file, .gone),
        (file, .zeros(from: 0, count: size)), (file, .swapped(with: other)), (file, .cut(size / 2)),
      ]
      damages += stride(from: 0, to: size, by: 4096).map { (file, .cut($0)) }
    }
    let apart = Proof.stride(short: 40)
    for index in stride(from: proof.random.below(apart), to: damages.count, by: apart) {
      let (file, damage) = damages[index]
      let trial = DamageTrial(bed, file, damage, seed: proof.seed)
      let isFound = try trial.find(&proof)
      #expect(try isFound || bed.needNotStay(file, damage), "\(trial.place)")
      try trial.serve(withoutIndex: index.isMultiple(of: 2), &proof)
      try trial.repair(atMost: 1, &proof)
    }
    try proof.report()
  }

  @Test("flipped bits of the databases and their logs", arguments: DamageBed.Form.allCases)
  func databases(_ form: DamageBed.Form) throws {
    var proof = Proof("P9 bits, \(form.rawValue)")
    let bed = try DamageBed(form)
    for file in bed.files where file.contains(".sqlite") && bed.size(of: file) > 0 {
      let isShared = file.hasSuffix("-shm")
      let flips = Proof.count(full: isShared ? 20 : 2000, short: isShared ? 1 : 2)
      for _ in 0..<flips {
        let damage = Damage.flip(
          byte: proof.random.below(bed.size(of: file)),
          bit: proof.random.below(8)
        )
        try whole(DamageTrial(bed, file, damage, seed: proof.seed), file, &proof)
      }
    }
    try proof.report()
  }

  @Test(
    "databases and logs cut at every 4 KiB, zeros, pages of zeros, deleted",
    arguments: DamageBed.Form.allCases
  )
  func databasePages(_ form: DamageBed.Form) throws {
    var proof = Proof("P9 pages, \(form.rawValue)")
    let bed = try DamageBed(form)
    var damages: [(String, Damage)] = []
    for file in bed.files where file.contains(".sqlite") && bed.size(of: file) > 0 {
      let size = bed.size(of: file)
      let isLog = file.hasSuffix("-wal")
      // Of a log that kills may leave every length is one that a kill may leave.
      damages += [(file, .zeros(from: 0, count: size))] + (isLog ? [] : [(file, .gone)])
      for start in stride(from: 0, to: size, by: 4096) {
        damages.append((file, .cut(start)))
        damages.append((file, .zeros(from: start, count: min(4096, size - start))))
      }
    }
    let apart = Proof.stride(short: 60)
    for index in stride(from: proof.random.below(apart), to: damages.count, by: apart) {
      let (file, damage) = damages[index]
      guard let trial = Self.changing(bed, file, damage, proof.seed) else { continue }
      try whole(trial, file, &proof)
    }
    try proof.report()
  }

  /// Nil where a page is all zeros as it is.
  private static func changing(
    _ bed: DamageBed,
    _ file: String,
    _ damage: Damage,
    _ seed: Int64
  ) -> DamageTrial? {
    if case .zeros(let start, let count) = damage {
      let bytes = FileManager.default.contents(atPath: "\(bed.whole)/\(file)") ?? Data()
      guard bytes[start..<start + count].contains(where: { $0 != 0 }) else { return nil }
    }
    return DamageTrial(bed, file, damage, seed: seed)
  }

  /// All that must hold of damage to a database: the ledger may lose answers, the index none.
  private func whole(_ trial: DamageTrial, _ file: String, _ proof: inout Proof) throws {
    try trial.find(&proof)
    let isLedger = file.hasPrefix("ledger")
    try trial.serve(withoutIndex: isLedger, &proof)
    try trial.repair(atMost: isLedger ? trial.bed.recorded : 0, &proof)
  }
}
