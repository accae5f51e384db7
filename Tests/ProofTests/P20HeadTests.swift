import Foundation
import Primitives
import TestSupport
import Testing

/// P20: what is recorded is of one moment, although HEAD moves meanwhile.
@Suite("P20 HEAD", .serialized)
struct P20HeadTests {
  private let server: TollServer

  init() throws { server = try TollServer() }

  @Test("HEAD moves while runs go on: commit, branch and bytes fit, or the run says what changed")
  func movingHead() throws {
    var proof = Proof("P20 moving HEAD")
    let folder = try TemporaryFolder()
    let repository = try RepositoryState.clean.make(
      in: folder,
      workflow: PinnedWorkflow.text(server.url, "toll-moving"),
      rows: PinnedWorkflow.rows
    )
    try repository.git("branch", "side")
    // Else a gc of git's own might start amid the runs, and outlast the test.
    try repository.git("config", "gc.auto", "0")
    let cache = "\(folder.path)/cache"
    let mover = HeadMover(repository, proof.random)
    let runs = Proof.count(full: 200, short: 6)
    let records = Result {
      try (0..<runs).compactMap { number in
        try record(repository, cache, "seed \(proof.seed), run \(number)", &proof)
      }
    }
    try mover.stop()
    for record in try records.get() { try judge(record, repository, proof.seed) }
    let heads = Set(try records.get().compactMap { $0["git"]?["commit"]?.string })
    #expect(heads.count > 1, "HEAD stood still")
    #expect(try repository.git("fsck", "--strict", "--no-dangling") == "")
    proof.count("runs", runs)
    proof.count("moves of HEAD", mover.moves)
    proof.count("commits met", heads.count)
    try proof.report()
  }

  /// The record of a run; nil where a file changed under it, which it must name.
  private func record(
    _ repository: GitRepository,
    _ cache: String,
    _ place: Comment,
    _ proof: inout Proof
  ) throws -> JSON? {
    let run = try Tool.run(["run", "w.yaml", "--json", "--cache", cache], in: repository.path)
    guard run.status == 0 else {
      let said = run.error + run.output
      let words = ["changed", "no such file", "there is no file"]
      #expect(words.contains { said.contains($0) }, "\(place): \(said)")
      proof.count("refused, since a file changed")
      return nil
    }
    proof.count("recorded")
    return try Tool.run(["show", "last", "--json", "--cache", cache], in: repository.path).summary
  }

  /// Branch and commit fit, the ref gives the bytes that the run used, and used they were.
  private func judge(_ record: JSON, _ repository: GitRepository, _ seed: Int64) throws {
    let git = record["git"] ?? .null
    let place: Comment = "seed \(seed), run \(record["id"]?.string ?? "-")"
    let commit = try #require(git["commit"]?.string, place)
    let subject = try repository.git("log", "-1", "--format=%s", commit)
    if subject != "First", subject != "Second" {
      #expect(git["branch"]?.string == subject, "\(place): a commit of another branch")
    }
    let ref = try #require(git["ref"]?.string, place)
    let notes = try repository.bytes(of: "notes.txt", in: ref)
    let input = git["inputs"]?.array?.first { $0["path"] == "notes.txt" }
    #expect(input?["sha256"]?.string == Digest(of: notes).hex, "\(place): other bytes in its ref")
    let copy = record["instances"]?.array?.first { $0["id"]?.string == "copy" }
    #expect(
      copy?["outputs"]?["out"]?["sha256"]?.string == Digest(of: notes).hex,
      "\(place): it used other bytes than it recorded"
    )
    let isDirty = try repository.bytes(of: "notes.txt", in: commit) != notes
    #expect(git["dirty"]?.bool == isDirty, "\(place): dirty or not")
  }
}
