import Foundation
import Primitives
import TestSupport
import Testing

/// The lock of a workflow: what it says, whether it holds, and who is held to it.
@Suite("Locks")
struct LockTests {
  private static let workflow = """
    models:
      teacher: {embedded: tiny-teacher}
      student: {embedded: tiny-student}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/vanilla, data: rows}
      labels: {kind: parse, completions: answers}
      training: {kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}
      tuned: {kind: fine-tune, model: student, data: training, epochs: 1}
      score: {kind: evaluate, model: tuned, template: math/vanilla, data: rows, allow_overlap: true}
      copy: {kind: command, shell: "cat $IN/* > out.txt", inputs: {IN: labels}, outputs: {out: out.txt}}

    """

  private func project() throws -> GitProject {
    let project = try GitProject()
    try project.folder.write(Self.workflow, to: "w.yaml")
    try project.folder.write(Arithmetic.rows(0..<4), to: "rows.jsonl")
    try project.run("--lock")
    try project.commit()
    return project
  }

  @Test("a lock is sorted, names no commit and no run, and comes out the same again")
  func text() throws {
    let project = try project()
    let text = try project.folder.read("w.lock")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first == "# distill lock 1")
    #expect(lines.dropFirst().elementsEqual(lines.dropFirst().sorted { UTF8Order.less($0, $1) }))
    #expect(lines.count { $0.hasPrefix("node ") } == 8)
    #expect(lines.contains { $0.hasPrefix("file ") && $0.hasSuffix(" rows.jsonl") })
    #expect(lines.contains { $0.hasPrefix("file ") && $0.hasSuffix(" library:math/vanilla") })
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(project.path)/cache/runs").first
    )
    #expect(!text.contains(run) && !text.contains(project.path))
    try FileManager.default.removeItem(atPath: "\(project.path)/w.lock")
    try project.run("--lock", "--fresh-all")
    #expect(try project.folder.read("w.lock") == text)
    try project.expectSound()
  }

  @Test("check --locked needs no cache, and names what would be otherwise")
  func checked() throws {
    let clone = try GitProject(cloning: try project())
    func check() throws -> Distill.Result { try clone.distill("check", "w.yaml", "--locked") }
    #expect(try check().status == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(clone.path)/cache"))

    let changes: [(from: String, to: String, message: String)] = [
      ("epochs: 1", "epochs: 2", "'tuned' would not do what the lock says"),
      ("cat $IN/*", "tac $IN/*", "'copy' would not do what the lock says"),
      ("data: rows}\n  labels", "data: rows, seed: 1}\n  labels", "'answers' would not"),
      ("copy:", "kopie:", "'kopie' is not in the lock"),
      ("copy:", "kopie:", "'copy' is in the lock, and the workflow has it no more"),
    ]
    for change in changes {
      try clone.folder.write(Self.workflow.replacing(change.from, with: change.to), to: "w.yaml")
      let result = try check()
      #expect(result.status == 1, "\(change)")
      #expect(result.error.contains(change.message), "\(result.error)")
    }
    try clone.folder.write(Self.workflow, to: "w.yaml")
    try clone.folder.write(Arithmetic.rows(0..<5), to: "rows.jsonl")
    let data = try check()
    #expect(data.status == 1)
    #expect(data.error.contains("file 'rows.jsonl' has other bytes than the lock says"))
  }

  @Test("verify compares results with the lock, byte for byte")
  func verified() throws {
    let clone = try GitProject(cloning: try project())
    let before = try clone.distill("verify", "w.yaml")
    #expect(before.status == 1)
    #expect(before.output.contains("answers: not run here"), "\(before.output)")
    try clone.run()
    let after = try clone.distill("verify", "w.yaml")
    #expect(after.status == 0, "\(after.output)")
    let lock = try clone.folder.read("w.lock")
    let zeros = String(repeating: "0", count: 64)
    let copy = try #require(lock.split(separator: "\n").first { $0.hasPrefix("node copy ") })
    let output = try #require(copy.split(separator: "out=").last?.split(separator: "/").first)
    try clone.folder.write(lock.replacing(output, with: zeros), to: "w.lock")
    let forged = try clone.distill("verify", "w.yaml")
    #expect(forged.status == 1)
    #expect(forged.output.contains("copy: differs in out"), "\(forged.output)")
  }

  @Test("a lock that is none is refused line by line")
  func broken() throws {
    let project = try project()
    let lock = try project.folder.read("w.lock")
    try project.folder.write("<<<<<<< HEAD\n" + lock + "node x\n", to: "w.lock")
    let result = try project.distill("check", "w.yaml", "--locked")
    #expect(result.status == 2)
    #expect(result.error.contains("w.lock:1:1: error: "), "\(result.error)")
    #expect(result.error.contains("this line is no entry of a lock"))
    try FileManager.default.removeItem(atPath: "\(project.path)/w.lock")
    let none = try project.distill("verify", "w.yaml")
    #expect(none.status == 2)
    #expect(none.error.contains("there is no lock"))
  }
}
