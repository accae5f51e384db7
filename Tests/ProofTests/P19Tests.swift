import Foundation
import Primitives
import TestSupport
import Testing

/// P19: outputs stay inside, whatever a workflow, an archive, a commit or a program names.
@Suite("P19", .serialized)
struct P19Tests {
  private let server: TollServer

  init() throws { server = try TollServer() }

  /// Names that lead out, or that no file should have; `OUT` stands for the folder outside.
  private static let names = [
    "OUT/secret", "a/../../OUT/secret", "./../OUT/secret", "/etc/evil", "ABSOLUTE/secret",
    "~/secret", "~root/secret", "..", ".", "", "a//b", "a/", "line\\nbreak", "nul\\u0000byte",
    "esc\\u001b[2Jape", String(repeating: "x", count: 4096),
    String(repeating: "a/", count: 2048) + "b",
  ]

  /// Names that only a file beside the workflow should not have.
  private static let reserved = [
    ".git/config", "a/.GIT/hooks/x", "CON", "con.txt", "a/NUL", "aux", "LPT1", "COM9.x", "point.",
    "blank ",
  ]

  // MARK: Names in workflows

  @Test("paths of a workflow's outputs that lead out are refused, and nothing is sent")
  func namesInWorkflows() throws {
    var proof = Proof("P19 names")
    for name in Self.names {
      try refused(name, node: "evil: {kind: command, shell: 'echo 1 > x', outputs: {out: NAME}}")
      try refused(name, node: "evil: {kind: table, columns: [scores], save: NAME}")
      proof.count("names refused", 2)
    }
    for name in Self.reserved {
      try refused(name, node: "evil: {kind: table, columns: [scores], save: NAME}")
      proof.count("names refused")
    }
    let twins = [
      ["results/Table", "results/table"], ["same", "same"], ["Straße", "STRASSE"], ["é", "É"],
    ]
    for twin in twins.prefix(2) + twins.suffix(1) {
      let nodes = twin.enumerated().map { index, name in
        "twin\(index): {kind: table, columns: [scores], save: \"\(name)\"}"
      }
      try refused("", node: nodes.joined(separator: "\n  "))
      proof.count("twins refused")
    }
    try proof.report()
  }

  private func refused(_ name: String, node: String) throws {
    let jail = try Jail(server)
    let said = name.replacingOccurrences(of: "ABSOLUTE", with: jail.outside.path)
      .replacingOccurrences(of: "OUT", with: jail.way)
    let settings = Project.Settings(
      nodes: node.replacingOccurrences(of: "NAME", with: "\"\(said)\"")
    )
    try jail.project.write(server.url, settings)
    let bytes = server.bytes
    let run = try jail.run("run", "w.yaml", "--cache", "cache")
    let place: Comment = "'\(name.prefix(40))' in \(node.prefix(60))"
    #expect(run.status == 2, "\(place): \(run.status) \(run.error)")
    #expect(run.error.contains("w.yaml:"), "\(place): says no place: \(run.error)")
    #expect(server.bytes == bytes, "\(place): something was sent")
    #expect(try jail.changes() == [], place)
  }

  // MARK: Links

  @Test("links in the way of a saved table: refused before a call, and never followed")
  func links() throws {
    var proof = Proof("P19 links")
    // A folder that is a link, and one below a folder.
    for (link, save) in [("results", "results/table"), ("a/b", "a/b/c/table")] {
      let jail = try Jail(server)
      try jail.project.write(
        server.url,
        Project.Settings(nodes: "saved: {kind: table, columns: [scores], save: \(save)}")
      )
      try Self.link(link, to: jail.outside.path, in: jail)
      let bytes = server.bytes
      let run = try jail.run("run", "w.yaml", "--cache", "cache")
      #expect(run.status == 2, "\(link): \(run.status) \(run.error)")
      #expect(run.error.contains("link"), "\(link): \(run.error)")
      #expect(server.bytes == bytes, "\(link): something was sent")
      #expect(try jail.changes() == [], "\(link)")
      proof.count("links refused")
    }
    // A file that is a link or another name of a file outside: it is replaced, not written through.
    for isHard in [false, true] {
      let jail = try Jail(server)
      try jail.project.write(
        server.url,
        Project.Settings(nodes: "saved: {kind: table, columns: [scores], save: table}")
      )
      for ending in ["md", "csv"] {
        let target = "\(jail.outside.path)/secret.\(ending)"
        let path = "\(jail.project.path)/table.\(ending)"
        if isHard {
          try #require(Foundation.link(target, path) == 0)
        } else {
          try Self.link("table.\(ending)", to: target, in: jail)
        }
      }
      let run = try jail.run("run", "w.yaml", "--cache", "cache")
      #expect(run.status == 0, "\(run.error)")
      #expect(try jail.changes() == [])
      #expect(try jail.project.folder.read("table.md") != "outside\n")
      proof.count("links replaced")
    }
    try proof.report()
  }

  @Test("a folder that becomes a link while the run goes on: nothing is written through it")
  func swappedLinks() throws {
    var proof = Proof("P19 swapped links")
    let slow = try TollServer("--latency", "20-60")
    for _ in 0..<Proof.count(full: 50, short: 2) {
      let jail = try Jail(slow, rows: 20)
      try jail.project.write(
        slow.url,
        Project.Settings(
          concurrency: 4,
          nodes: "saved: {kind: table, columns: [scores], save: results/deep/table}"
        )
      )
      try jail.project.folder.write("", to: "results/deep/here")
      let bytes = slow.bytes
      let run = try jail.start("run", "w.yaml", "--cache", "cache")
      while slow.bytes == bytes, run.isRunning { usleep(500) }
      usleep(UInt32(proof.random.below(200_000)))
      let step = ["results", "results/deep"][proof.random.below(2)]
      let place: Comment = "seed \(proof.seed), \(step)"
      try FileManager.default.removeItem(atPath: "\(jail.project.path)/\(step)")
      try Self.link(step, to: jail.outside.path, in: jail)
      let ended = try run.result()
      #expect(ended.status == 1, "\(place): \(ended.status) \(ended.error)")
      #expect(ended.error.contains("link"), "\(place): \(ended.error)")
      #expect(try jail.changes() == [], place)
      // All that was paid is there for the next run.
      try FileManager.default.removeItem(atPath: "\(jail.project.path)/\(step)")
      let again = try jail.run("run", "w.yaml", "--cache", "cache", "--json")
      #expect(again.status == 0 && again.calls("made") == 0, "\(place): \(again.error)")
      proof.count("swapped")
    }
    try proof.report()
  }

  @Test("a program's outputs: links and folders are not taken, another name of a file is but read")
  func programs() throws {
    var proof = Proof("P19 programs")
    let shells: [(String, Int32)] = [
      ("ln -s OUT/secret x", 1), ("ln -s OUT d; ln -s d/secret x", 1), ("mkdir x", 1),
      ("mkfifo x", 1), ("ln -s /dev/zero x", 1), ("ln OUT/secret x", 0),
    ]
    for (shell, status) in shells {
      let jail = try Jail(server)
      let line = shell.replacingOccurrences(of: "OUT", with: jail.outside.path)
      try jail.project.folder.write(
        "nodes:\n  evil: {kind: command, shell: '\(line)', outputs: {out: x}}\n",
        to: "w.yaml"
      )
      let run = try jail.run("run", "w.yaml", "--cache", "cache")
      #expect(run.status == status, "\(shell): \(run.status) \(run.error)")
      // The object is a file of its own: it may be made read-only, and the file outside is not.
      #expect(try jail.changes() == [], "\(shell)")
      proof.count("programs")
    }
    try proof.report()
  }

  private static func link(_ name: String, to target: String, in jail: Jail) throws {
    let path = "\(jail.project.path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true
    )
    try #require(symlink(target, path) == 0)
  }

  // MARK: Text of models and data

  @Test("hostile texts as values of axes, ids and answers become no paths")
  func hostileTexts() throws {
    var proof = Proof("P19 texts")
    let texts = [
      "../../OUT/secret", "/etc/evil", "~", "a/b", "line\\nbreak", "\\u001b[2J", "..", "CON",
      String(repeating: "ж", count: 2000), String(repeating: "\u{1D49C}", count: 80),
    ]
    for text in texts {
      let jail = try Jail(server)
      let value = text.replacingOccurrences(of: "OUT", with: jail.way)
      try jail.project.folder.write(
        """
        workflow: "\(value)"
        matrix: {axis: ["\(value)"]}
        nodes:
          said:
            kind: command
            shell: 'echo "$TEXT" > x; echo spoken'
            env: {TEXT: "${axis}"}
            outputs: {out: x}

        """,
        to: "w.yaml"
      )
      let run = try jail.run("run", "w.yaml", "--cache", "cache", "--lock")
      // A value may be refused as a value; what runs stays inside.
      #expect([0, 2].contains(run.status), "'\(text.prefix(30))': \(run.status) \(run.error)")
      #expect(try jail.changes() == [], "'\(text.prefix(30))'")
      let made = try FileManager.default.contentsOfDirectory(atPath: jail.project.path)
      let known: Set<String> = ["cache", "rows.jsonl", "w.yaml", "w.yaml.lock", "w.lock"]
      #expect(Set(made).isSubset(of: known), "'\(text.prefix(30))': \(made)")
      proof.count(run.status == 0 ? "texts run with" : "texts refused")
    }
    try proof.report()
  }
}
