import Foundation
import Primitives
import TestSupport
import Testing

/// A run in one repository, and what its record must say.
struct RepositoryTrial {
  let repository: GitRepository
  let state: RepositoryState
  let place: Comment

  init(_ repository: GitRepository, _ state: RepositoryState, seed: Int64) {
    self.repository = repository
    self.state = state
    place = "seed \(seed), \(state.rawValue)"
  }

  func tool(_ arguments: String..., in folder: String? = nil) throws -> Tool.Result {
    try Tool.run(arguments, in: folder ?? repository.path)
  }

  /// Runs the workflow, and gives its record; git's own state must be as it was.
  func record() throws -> JSON {
    let hasGit = state != .noRepository
    let before = hasGit ? try repository.git("status", "--porcelain", "--ignored=no") : ""
    let run = try tool("run", "w.yaml", "--json", "--cache", "cache")
    try #require(run.status == 0, "\(place): \(run.error)")
    if hasGit {
      #expect(try repository.git("status", "--porcelain", "--ignored=no") == before, place)
      #expect(try repository.git("fsck", "--strict", "--no-dangling") == "", place)
    }
    return try tool("show", "last", "--json", "--cache", "cache").summary
  }

  /// Commit, branch, dirtiness, blobs and digests, each held against git.
  func judgeGit(_ record: JSON) throws {
    let git = record["git"] ?? .null
    let head = try repository.ask("rev-parse", "-q", "--verify", "HEAD")
    #expect(git["commit"]?.string == head, place)
    #expect((head == nil) == (state == .noCommit), place)
    let branch = try repository.ask("symbolic-ref", "-q", "--short", "HEAD")
    #expect(git["branch"]?.string == branch, place)
    #expect((branch == nil) == (state == .detached), place)
    #expect(git["dirty"]?.bool == state.isDirty, "\(place): \(git["dirty"]?.compactText ?? "-")")
    #expect(git["not_pinned"] == .null, "\(place): \(git["not_pinned"]?.compactText ?? "-")")
    let inputs = git["inputs"]?.array ?? []
    #expect(inputs.count == 3, place)
    let ref = try #require(git["ref"]?.string, place)
    for input in inputs {
      let path = try #require(input["path"]?.string, place)
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(repository.path)/\(path)")))
      #expect(input["sha256"]?.string == Digest(of: bytes).hex, "\(place): \(path)")
      let blob = try repository.git("hash-object", path)
      #expect(input["blob"]?.string == blob, "\(place): \(path)")
      guard ["head", "commit"].contains(input["pinned"]?.string), !path.hasPrefix("module/")
      else { continue }
      #expect(try repository.bytes(of: path, in: ref) == bytes, "\(place): \(path) in its ref")
    }
    let parents = try repository.git("log", "-1", "--format=%H %P", ref).split(separator: " ")
    // The commit of the run is HEAD, or it comes after it.
    if let head { #expect(parents.contains { $0 == head }, place) }
  }

  /// What is not git's: tool, model as served, prices, parameters, the digests of outputs.
  func judgeOrigin(_ record: JSON) throws {
    let version = try tool("--version").output.trimmingCharacters(in: .newlines)
    #expect(record["tool"]?.string == version, place)
    let declared = record["models"]?["teacher"]?["declared"]
    #expect(declared?["price"]?["as_of"]?.string == "2026-11-01", place)
    let answers = record["instances"]?.array?.first { $0["id"]?.string == "answers" }
    #expect(answers?["facts"]?["served_models"] == ["toll"], place)
    let sha256 = record["workflow"]?["sha256"]?.string
    let text = try Data(contentsOf: URL(fileURLWithPath: "\(repository.path)/w.yaml"))
    #expect(sha256 == Digest(of: Array(text)).hex, place)
  }

  /// After all of it changed, the run comes out again here and, by its ref, in another clone.
  func comeBack(_ record: JSON, _ proof: inout Proof) throws {
    let id = try #require(record["id"]?.string, place)
    try disturb()
    let again = try tool("rerun", id, "--fresh-all", "--json", "--cache", "cache")
    #expect(again.status == 0, "\(place): \(again.output)\(again.error)")
    let outputs = again.events.last { $0["type"] == "rerun" }?["outputs"]?.array ?? []
    #expect(outputs.count >= 3, place)
    #expect(outputs.allSatisfy { $0["verdict"] == "identical" }, "\(place): \(again.output)")
    proof.count("outputs identical", outputs.count)
    guard state.isWholeInGit else { return }
    let clone = "\(repository.path)/../clone"
    try repository.git("clone", "-q", "--no-checkout", "file://\(repository.path)", clone)
    let elsewhere = GitRepository(path: clone)
    try elsewhere.git("fetch", "-q", "origin", "refs/distill/*:refs/distill/*")
    let ref = "refs/distill/runs/\(id)"
    let there = try tool("run", "w.yaml", "--at", ref, "--json", "--cache", "new", in: clone)
    #expect(there.status == 0, "\(place): \(there.output)\(there.error)")
    let shown = try tool("show", "last", "--json", "--cache", "new", in: clone).summary
    #expect(Self.outputs(shown) == Self.outputs(record), "\(place): in another clone")
    proof.count("clones")
  }

  /// Changes every file and, in one state, the history that the run came from.
  private func disturb() throws {
    if state == .rewritten {
      try repository.git("checkout", "-q", "--orphan", "new")
      try repository.git("commit", "-q", "-m", "Another beginning")
      try repository.git("branch", "-q", "-D", "main")
      try repository.git("branch", "-m", "main")
    }
    for file in ["notes.txt", "data/rows.jsonl"] { try repository.write("changed\n", to: file) }
    guard state != .noRepository else { return }
    try repository.git("reflog", "expire", "--expire=now", "--all")
    try repository.git("gc", "-q", "--prune=now")
  }

  private static func outputs(_ record: JSON) -> [String: JSON] {
    (record["instances"]?.array ?? []).reduce(into: [:]) { outputs, instance in
      outputs[instance["id"]?.string ?? ""] = instance["outputs"]
    }
  }
}
