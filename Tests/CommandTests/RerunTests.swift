import Foundation
import Primitives
import TestSupport
import Testing

/// Runs of a commit, and runs again: from its files, whatever the worktree holds now.
@Suite("Reruns")
struct RerunTests {
  private static let workflow = """
    parameters: {word: apple}
    models:
      teacher: {embedded: tiny-teacher}
    nodes:
      rows: {kind: dataset, format: jsonl, path: data/rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      labels: {kind: parse, completions: answers}
      notes: {kind: command, shell: "echo ${word} > out.txt; cat $IN >> out.txt", inputs: {IN: {path: notes.txt}}, outputs: {out: out.txt}}

    """

  /// A repository with one commit, tagged `first`.
  private func project() throws -> GitProject {
    let project = try GitProject()
    try project.folder.write(Self.workflow, to: "w.yaml")
    try project.folder.write(Arithmetic.rows(0..<6), to: "data/rows.jsonl")
    try project.folder.write("one\n", to: "notes.txt")
    try project.commit()
    try project.git("tag", "first")
    return project
  }

  @Test("every run has a commit that git keeps, and the worktree is left alone")
  func everyRunIsACommit() throws {
    let project = try project()
    let clean = try project.run()
    #expect(
      try project.git("rev-parse", "refs/distill/runs/\(clean)") == project.git("rev-parse", "HEAD")
    )
    try project.expectSound()
    try project.folder.write("two\n", to: "notes.txt")
    try project.folder.write("new\n", to: "untracked.txt")
    let dirty = try project.run()
    try project.git("gc", "-q", "--prune=now")
    #expect(try project.git("show", "refs/distill/runs/\(dirty):notes.txt") == "two\n")
    try project.expectSound(" M notes.txt\n?? untracked.txt\n")
    let record = try project.distill("show", dirty, "--json").summary
    #expect(record["git"]?["dirty"] == true)
    #expect(record["git"]?["ref"]?.string == "refs/distill/runs/\(dirty)")
    let inputs = record["git"]?["inputs"]?.array ?? []
    #expect(
      Set(inputs.compactMap { $0["path"]?.string }) == ["w.yaml", "data/rows.jsonl", "notes.txt"]
    )
    #expect(inputs.allSatisfy { $0["blob"]?.string != nil && $0["sha256"]?.string != nil })
  }

  @Test("--at reads the workflow and its data from the commit, never from the worktree")
  func runsAtACommit() throws {
    let project = try project()
    try project.run()
    let outputs = try Outputs.digests(ofRunIn: project.path)
    try project.folder.write("two\n", to: "notes.txt")
    try project.folder.write(Arithmetic.rows(50..<53), to: "data/rows.jsonl")
    try project.folder.write(Self.workflow.replacing("apple", with: "pear"), to: "w.yaml")
    try project.commit()
    try project.run()
    #expect(try Outputs.digests(ofRunIn: project.path) != outputs)
    let head = try project.git("rev-parse", "first").trimmingCharacters(in: .newlines)
    for name in ["first", head, String(head.prefix(10)), "HEAD~1"] {
      let run = try project.run("--at", name)
      #expect(try Outputs.digests(ofRunIn: project.path) == outputs, "\(name)")
      let record = try project.distill("show", run, "--json").summary
      #expect(record["git"]?["commit"]?.string == head)
      #expect(record["workflow"]?["path"]?.string == "\(project.path)/w.yaml")
    }
    // A workflow that is gone from the worktree is still in the commit.
    try project.git("rm", "-q", "w.yaml")
    try project.run("--at", "first")
    #expect(try Outputs.digests(ofRunIn: project.path) == outputs)
    try project.expectSound("D  w.yaml\n")
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(project.path)/cache/scratch")
    #expect(left.isEmpty)
  }

  @Test("a dirty run comes out again in another clone, with an empty cache")
  func dirtyRunElsewhere() throws {
    let project = try project()
    try project.folder.write("dirty\n", to: "notes.txt")
    try project.folder.write(Arithmetic.rows(10..<15), to: "data/rows.jsonl")
    let run = try project.run("--set", "word=plum")
    let outputs = try Outputs.digests(ofRunIn: project.path)
    let clone = try GitProject(cloning: project)
    try clone.run("--at", "refs/distill/runs/\(run)", "--set", "word=plum")
    #expect(try Outputs.digests(ofRunIn: clone.path) == outputs)
    try clone.expectSound()
  }

  @Test("a rerun takes commit and parameters from the run, and compares every output")
  func rerun() throws {
    let project = try project()
    let run = try project.run("--set", "word=plum")
    try project.folder.write("two\n", to: "notes.txt")
    try project.folder.write(Self.workflow.replacing("apple", with: "pear"), to: "w.yaml")
    let again = try project.distill("rerun", run, "--json")
    #expect(again.status == 0, "\(again.error)")
    #expect(Set(GitProject.verdicts(again).values) == ["reused"])
    let fresh = try project.distill("rerun", run, "--json", "--fresh-all")
    #expect(fresh.status == 0, "\(fresh.error)")
    let verdicts = GitProject.verdicts(fresh)
    #expect(verdicts["answers/rows"] == "identical")
    #expect(verdicts["notes/out"] == "identical")
    #expect(fresh.events.contains { $0["calls"]?["made"] == 6 })
    try project.expectSound(" M notes.txt\n M w.yaml\n")
  }

  @Test("an output that is not what it was is shown with its first difference")
  func differs() throws {
    let project = try GitProject()
    try project.folder.write(
      """
      nodes:
        luck: {kind: command, shell: "echo same > out.txt; date +%s%N >> out.txt", outputs: {out: out.txt}}

      """,
      to: "w.yaml"
    )
    try project.commit()
    let run = try project.run()
    let again = try project.distill("rerun", run, "--fresh", "luck")
    #expect(again.status == 1)
    #expect(again.output.contains("luck  out  differs: line 2: '"), "\(again.output)")
  }

  @Test("without a repository the store has what a rerun needs")
  func withoutRepository() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.workflow, to: "w.yaml")
    try folder.write(Arithmetic.rows(0..<4), to: "data/rows.jsonl")
    try folder.write("one\n", to: "notes.txt")
    let first = try Distill.run("run", "w.yaml", "--json", in: folder.path)
    #expect(first.status == 0, "\(first.error)")
    for name in ["w.yaml", "data/rows.jsonl", "notes.txt"] {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    let again = try Distill.run("rerun", "last", "--json", "--fresh-all", in: folder.path)
    #expect(again.status == 0, "\(again.error)")
    #expect(Set(GitProject.verdicts(again).values) == ["identical"])
  }

  @Test("data that git does not hold comes from the store, and what it lacks is listed")
  func ignoredData() throws {
    let project = try project()
    try project.folder.write("cache/\ndata/\n", to: ".gitignore")
    try project.git("rm", "-rq", "--cached", "data")
    try project.commit()
    let run = try project.run("--lock")
    try project.commit("Lock")
    try FileManager.default.removeItem(atPath: "\(project.path)/data")
    #expect(try project.distill("rerun", run, "--json").status == 0)
    // A commit that is no run's has the digest in its lock.
    try project.run("--at", "HEAD")
    let clone = try GitProject(cloning: project)
    let missing = try clone.distill("run", "w.yaml", "--at", run)
    #expect(missing.status == 2)
    #expect(missing.error.contains("'data/rows.jsonl' is not in that commit"), "\(missing.error)")
    #expect(missing.error.contains("SHA-256"))
  }

  @Test("files beside the repository come back by where they lie from it")
  func outside() throws {
    let outer = try TemporaryFolder()
    try outer.write("given\n", to: "given.txt")
    try outer.write(
      Self.workflow.replacing("path: notes.txt", with: "path: ../given.txt"),
      to: "p/w.yaml"
    )
    try outer.write(Arithmetic.rows(0..<3), to: "p/data/rows.jsonl")
    let folder = "\(outer.path)/p"
    func git(_ arguments: String...) throws {
      let words = ["git", "-c", "user.name=T", "-c", "user.email=t@example.net"] + arguments
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = words
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }
    try git("init", "-q")
    try git("add", "w.yaml", "data")
    try git("commit", "-q", "-m", "one")
    #expect(try Distill.run("run", "w.yaml", "--json", in: folder).status == 0)
    try outer.write("taken\n", to: "given.txt")
    let again = try Distill.run("rerun", "last", "--json", "--fresh-all", in: folder)
    #expect(again.status == 0, "\(again.error)")
    #expect(Set(GitProject.verdicts(again).values) == ["identical"])
  }

  @Test("what names no commit, file or run ends before anything is done")
  func unknown() throws {
    let project = try project()
    let cases: [([String], String)] = [
      (["run", "w.yaml", "--at", "frist"], "did you mean 'first'?"),
      (["run", "v.yaml", "--at", "first"], "has no file 'v.yaml'"),
      (["run", "w.yaml", "--at", "first", "--lock"], "--at reads another one"),
      (["rerun", "2020"], "no run"),
    ]
    for (arguments, message) in cases {
      let result = try Distill.run(arguments, in: project.path)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.error.contains(message), "\(result.error)")
    }
  }
}
