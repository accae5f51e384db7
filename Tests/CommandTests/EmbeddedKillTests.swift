import Foundation
import Primitives
import TestSupport
import Testing

/// Runs whose server of embedded models is a child of their own.
@Suite(
  "Killed runs of embedded models",
  .enabled(
    if: FileManager.default.fileExists(atPath: "/proc/self"),
    "the system has no /proc to find the server's process in"
  )
)
struct EmbeddedKillTests {
  /// More than eight runs have in flight when they are killed.
  private static let rows = 400
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<Self.rows), to: "rows.jsonl")
    try folder.write(
      """
      models:
        teacher: {embedded: tiny-teacher}
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """,
      to: "w.yaml"
    )
  }

  @Test("one run, eight times in a row: it completes, and no server and no folder is left")
  func killedAgainAndAgain() throws {
    var random = SeededGenerator(seed: Seed.value &+ 1)
    var recorded: Set<String> = []
    var sockets: Set<String> = []
    for kill in 1...8 {
      let (process, _) = try Distill.start(
        ["run", "w.yaml", "--request-log", "requests-\(kill)"],
        in: folder.path
      )
      let requests = 1 + random.below(16)
      while process.isRunning, lines(of: "requests-\(kill)") < requests { usleep(500) }
      usleep(UInt32(random.below(40_000)))
      sockets.formUnion(try Servers.sockets(in: folder.path))
      #expect(process.killed(), "seed \(Seed.value), kill \(kill)")
      let now = try LedgerView(cache: "\(folder.path)/cache").recorded
      #expect(now.isSuperset(of: recorded), "seed \(Seed.value), kill \(kill)")
      recorded = now
    }
    let last = try Distill.run("run", "w.yaml", "--json", in: folder.path)
    #expect(last.status == 0, "seed \(Seed.value): \(last.error)")
    #expect(last.calls("made") == Self.rows - recorded.count)
    let undisturbed = try Distill.run(
      "run",
      "w.yaml",
      "--cache",
      "other",
      "--json",
      in: folder.path
    )
    #expect(undisturbed.calls("made") == Self.rows)
    #expect(
      try Outputs.digests(ofRunIn: folder.path)
        == Outputs.digests(ofRunIn: folder.path, cache: "other")
    )
    #expect(sockets.count == 8)
    #expect(try Servers.end(in: folder.path))
    for socket in sockets {
      let home = URL(fileURLWithPath: socket).deletingLastPathComponent().path
      #expect(!FileManager.default.fileExists(atPath: home))
    }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/cache/scratch"))
  }

  private func lines(of name: String) -> Int {
    let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
    return bytes.count { $0 == 0x0A }
  }
}

/// Servers of embedded models, which are children of runs.
private enum Servers {
  /// Sockets of the servers that work on a cache in the folder, from the command lines in `/proc`.
  static func sockets(in folder: String) throws -> [String] {
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
    return processes.filter { Int($0) != nil }.compactMap { process in
      let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard words.contains("serve"), words.contains(where: { $0.hasPrefix("\(folder)/") }),
        let option = words.firstIndex(of: "--socket"), option + 1 < words.count
      else { return nil }
      return words[option + 1]
    }
  }

  /// Waits until no server works on a cache in the folder; false if one goes on.
  static func end(in folder: String) throws -> Bool {
    for _ in 0..<200 {
      if try sockets(in: folder).isEmpty { return true }
      usleep(50_000)
    }
    return false
  }
}
