import Foundation
import Primitives
import TestSupport
import Testing

/// P13: a pinned rerun is exact, wherever it is done.
///
/// That each key-relevant change reruns what it must is `EngineTests`' part (MutationTests).
@Suite(
  "P13",
  .serialized,
  .enabled(if: Namespace.isPossible, "a network namespace of its own is not allowed here")
)
struct P13Tests {
  private let namespace: Namespace

  init() throws { namespace = try Namespace() }

  @Test("sample workflows again, frozen: other path, zone, locale, home, umask, times, one core")
  func frozenElsewhere() throws {
    var proof = Proof("P13")
    proof.count("with a Turkish locale", namespace.hasTurkish ? 1 : 0)
    // The embedded shapes train, which takes most of the time: the short form has one of them.
    let shapes = NamespaceSample.Shape.allCases
    for number in 0..<Proof.count(full: 50, short: 4) {
      var trial = try Trial(shapes[number % shapes.count], number, namespace, &proof)
      try trial.run(&proof)
      proof.count("workflows")
    }
    try proof.report()
  }

  @Test("frozen without the answers: every missing call is counted, and none is tried")
  func frozenAndEmpty() throws {
    var proof = Proof("P13 missing")
    let server = try TollServer()
    let sample = try NamespaceSample(.votes, server, &proof.random)
    let around = Trial.surroundings(0, home: sample.path)
    let bytes = server.bytes
    let run = try namespace.run(["run", "w.yaml", "--frozen", "--json"], in: sample.path, around)
    #expect(run.status == 1, "\(run.output)")
    #expect(run.calls("made") == 0)
    let message = run.events.compactMap { $0["error"]?.string }.joined(separator: "\n")
    #expect(message.contains("frozen"), "\(run.output)")
    #expect(server.bytes == bytes)
    try proof.report()
  }

  /// One sample workflow: run, copied, and run again elsewhere.
  private struct Trial {
    let server: TollServer
    let sample: NamespaceSample
    let namespace: Namespace
    let number: Int
    let place: Comment
    let files = FileManager.default
    let elsewhere: TemporaryFolder

    init(
      _ shape: NamespaceSample.Shape,
      _ number: Int,
      _ namespace: Namespace,
      _ proof: inout Proof
    ) throws {
      server = try TollServer()
      sample = try NamespaceSample(shape, server, &proof.random)
      self.namespace = namespace
      self.number = number
      elsewhere = try TemporaryFolder()
      place = "seed \(proof.seed), workflow \(number), \(shape)"
    }

    mutating func run(_ proof: inout Proof) throws {
      let first = try Tool.run(["run", "w.yaml", "--json", "--cache", "cache"], in: sample.path)
      try #require(first.status == 0, "\(place): \(first.error)")
      let outputs = try outputs(in: sample.path)
      let saved = try saved(in: sample.path)
      try #require(!saved.isEmpty, place)
      let sent = server.bytes

      let whole = try copied("ein anderer Ört \(number)", &proof)
      let again = try frozen(in: whole)
      let total = again.summary["instances"]?["total"]?.int
      #expect(again.status == 0, "\(place): \(again.error)")
      #expect(again.summary["instances"]?["ran"]?.int == 0, "\(place): \(again.output)")
      #expect(again.summary["instances"]?["reused"]?.int == total, place)
      try judge(again, whole, outputs, saved)
      let verified = try Tool.run(["cache", "verify", "--json", "--cache", "cache"], in: whole)
      #expect(verified.status == 0, "\(place): \(verified.output)\(verified.error)")
      proof.count("instances reused", total ?? 0)

      if sample.isRepeatedFromAnswers {
        // All results forgotten: each is made again, from the recorded answers.
        let bare = try copied("b", &proof)
        for name in try files.contentsOfDirectory(atPath: "\(bare)/cache")
        where name.hasPrefix("index.sqlite") {
          try files.removeItem(atPath: "\(bare)/cache/\(name)")
        }
        let made = try frozen(in: bare)
        #expect(made.status == 0, "\(place): \(made.error)")
        #expect(made.summary["instances"]?["ran"]?.int == total, "\(place): \(made.output)")
        try judge(made, bare, outputs, saved)
        proof.count("instances made again", total ?? 0)
      }
      #expect(server.bytes == sent, "\(place): something was sent")
      proof.count("calls reused", first.calls("made") ?? 0)
    }

    private func frozen(in folder: String) throws -> Tool.Result {
      try namespace.run(
        ["run", "w.yaml", "--frozen", "--json", "--cache", "cache"],
        in: folder,
        Self.surroundings(number, home: elsewhere.path)
      )
    }

    static func surroundings(_ number: Int, home: String) -> Namespace.Surroundings {
      let zones = ["Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu", ":/no/such/zone"]
      return Namespace.Surroundings(
        timeZone: zones[number % zones.count],
        locale: number.isMultiple(of: 2) ? "tr_TR.UTF-8" : "C",
        umask: ["0077", "0000", "0027"][number % 3],
        home: home
      )
    }

    private func judge(
      _ run: Tool.Result,
      _ folder: String,
      _ outputs: [String],
      _ saved: [String: Data]
    ) throws {
      #expect(run.calls("made") == 0, place)
      #expect(try self.outputs(in: folder) == outputs, place)
      #expect(try self.saved(in: folder) == saved, place)
    }

    /// A copy of project and cache, without what the run saved, every file's time another.
    private func copied(_ name: String, _ proof: inout Proof) throws -> String {
      let copy = "\(elsewhere.path)/\(name)"
      try files.copyItem(atPath: sample.path, toPath: copy)
      try files.removeItem(atPath: "\(copy)/results")
      let walker = files.enumerator(atPath: copy)
      while let file = walker?.nextObject() as? String {
        let time = Date(timeIntervalSince1970: Double(proof.random.below(2_000_000_000)))
        try files.setAttributes([.modificationDate: time], ofItemAtPath: "\(copy)/\(file)")
      }
      return copy
    }

    /// Every instance of the last run with the digests of its outputs, whose bytes are looked at.
    private func outputs(in folder: String) throws -> [String] {
      let shown = try Tool.run(["show", "last", "--json", "--cache", "cache"], in: folder)
      try #require(shown.status == 0, "\(place): \(shown.error)")
      return (shown.summary["instances"]?.array ?? []).map { instance in
        for (part, output) in (instance["outputs"]?.object?.members ?? []).map({
          ($0.key, $0.value)
        }) {
          let digest = output["sha256"]?.string ?? ""
          let object = "\(folder)/cache/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
          #expect(files.fileExists(atPath: object), "\(place): \(part)")
        }
        return ["id", "key", "outputs"].map { instance[$0]?.compactText ?? "-" }
          .joined(separator: " ")
      }
      .sorted()
    }

    /// The files that the workflow saved beside itself.
    private func saved(in folder: String) throws -> [String: Data] {
      let names = try files.subpathsOfDirectory(atPath: "\(folder)/results")
      return try names.reduce(into: [:]) { saved, name in
        saved[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/results/\(name)"))
      }
    }
  }
}
