import Foundation
import Primitives
import TestSupport
import Testing

/// P14: secrets never land anywhere.
@Suite("P14", .serialized)
struct P14Tests {
  private static let rows = 6
  private let canary = Canary()
  private var environment: [String: String] { ["PROOF_KEY": canary.key] }

  /// Every command that looks at a project or a store, after a run.
  private static let commands: [[String]] = [
    ["check", "w.yaml"], ["plan", "w.yaml"], ["status"], ["runs"], ["show", "last"],
    ["show", "last", "answers"], ["explain", "w.yaml", "answers"], ["graph", "w.yaml"],
    ["calls", "list"], ["calls", "list", "--state", "in-doubt"], ["jobs", "list", "--all"],
    ["cache", "stats"], ["cache", "verify"], ["cache", "gc"], ["schema"],
    ["get", "last", "answers", "-o", "answers.out"],
  ]

  @Test("the search finds the key in each form that it looks for")
  func searchWorks() throws {
    let folder = try TemporaryFolder()
    let forms = [
      canary.key, #"canary-7351-\"\\/+=&%~end"#, "canary-7351-%22%5C%2F%2B%3D%26%25~end",
      Data("Bearer \(canary.key)".utf8).base64EncodedString(),
      Data("user:\(canary.key)".utf8).base64EncodedString(),
      Data("a:\(canary.key)".utf8).base64EncodedString(),
    ]
    for (number, form) in forms.enumerated() {
      try folder.write("before \(form) behind", to: "\(number)")
    }
    let hits = canary.found(below: folder.path)
    for number in forms.indices { #expect(hits.contains { $0.hasPrefix("\(number): ") }) }
    try folder.write("nothing here", to: "clean")
    #expect(!hits.contains { $0.hasPrefix("clean") })
  }

  @Test("through every command, after every fault and a kill: not on disk, not on a stream")
  func everywhere() throws {
    var proof = Proof("P14")
    // The whole list takes as long as its waits; the short form takes those that echo or stop.
    let faults = FaultRow.all.filter { $0.timeout == nil }.filter { row in
      Proof.isFull
        || ["unprocessable", "unauthorized", "redirect", "bad-gateway", "quota"].contains(row.fault)
    }
    let seed = proof.seed
    let broken = Trials.run(faults.count) { [self] index, findings in
      let row = faults[index]
      let server = try TollServer(
        "--api-key-env",
        "PROOF_KEY",
        faults: ["calls": ["3": row.script]],
        environment: environment
      )
      let project = try project(server, model: "api_key: {env: PROOF_KEY}")
      for arguments in [["run", "w.yaml", "--verbose"], ["run", "w.yaml", "--json"]] {
        try follow(arguments, project, row.fault, &findings)
      }
      findings.hold(
        try server.entries().allSatisfy { $0.credential == "right" },
        "\(row.fault): the server did not see the key"
      )
      findings.hold(
        canary.found(below: project.path).isEmpty,
        "seed \(seed), \(row.fault): on disk"
      )
    }
    for finding in broken { Issue.record("\(finding)") }
    proof.count("faults", faults.count)
    try commands(&proof)
    try proof.report()
  }

  /// A killed run, a resumed one, and then every command, for people and for programs.
  private func commands(_ proof: inout Proof) throws {
    let server = try TollServer(
      "--api-key-env",
      "PROOF_KEY",
      "--latency",
      "100",
      environment: environment
    )
    let project = try project(server, model: "api_key: {env: PROOF_KEY}")
    let killed = try project.start(environment: environment)
    while killed.isRunning, try server.entries().count < 2 { usleep(1000) }
    #expect(killed.killed())
    var findings = Findings()
    try follow(["calls", "list"], project, "after the kill", &findings)
    try follow(["run", "w.yaml"], project, "resumed", &findings)
    let key = try #require(try project.calls().first?["key"]?.string)
    for command in Self.commands + [["calls", "show", key]] {
      for form in [[], ["--json"]] {
        try follow(command + form, project, "after the run", &findings)
        proof.count("commands")
      }
    }
    #expect(findings.broken.isEmpty, "\(findings.broken)")
    #expect(canary.found(below: project.path).isEmpty)
    try expectPrivate(project.cache())

    // Another key is no other call.
    let again = try TollServer(environment: environment)
    let other = ["PROOF_KEY": "another-key"]
    let run = try project.run(environment: other)
    #expect(run.status == 0 && run.calls("made") == 0, "\(run.error)")
    #expect(try again.entries().isEmpty)
  }

  @Test("not from a URL, a proxy, a file, a command, or a workflow that holds the key itself")
  func otherPlaces() throws {
    var findings = Findings()
    let server = try TollServer()
    let closed = try Sockets.closedPort()
    let proxy = "http://user:canary-7351@127.0.0.1:\(closed)"
    let keyFile = "key.txt"
    let wishes: [(place: String, url: String, model: String, environment: [String: String])] = [
      ("a URL", "http://user:canary-7351@127.0.0.1:\(server.port)/v1", "", [:]),
      ("a query", "http://127.0.0.1:\(server.port)/v1?key=canary-7351", "", [:]),
      ("a proxy", "http://192.0.2.1/v1", "", ["http_proxy": proxy, "no_proxy": ""]),
      ("a file", server.url, "api_key: {file: ../\(keyFile)}", [:]),
      ("a command", server.url, "api_key: {command: [cat, ../\(keyFile)]}", [:]),
      (
        "a command that fails", server.url,
        "api_key: {command: [sh, -c, 'cat ../\(keyFile); exit 3']}", [:]
      ),
    ]
    for wish in wishes {
      let outer = try TemporaryFolder()
      try outer.write(canary.key + "\n", to: keyFile)
      try outer.write("", to: "inner/.keep")
      let project = try Project(rows: 2)
      try project.write(wish.url, Project.Settings(model: wish.model, limits: ", timeout: 2s"))
      for name in ["w.yaml", "rows.jsonl"] {
        try outer.write(try project.folder.read(name), to: "inner/\(name)")
      }
      let run = try Tool.run(
        ["run", "w.yaml", "--cache", "\(outer.path)/inner/cache", "--verbose"],
        in: "\(outer.path)/inner",
        environment: wish.environment
      )
      // The workflow's own text may be shown, were it not for the key in it.
      let hits = canary.found(in: Data((run.output + run.error).utf8))
      findings.hold(hits.isEmpty, "\(wish.place): \(hits) in \(run.error)")
      let stored = canary.found(below: "\(outer.path)/inner/cache")
      findings.hold(stored.isEmpty, "\(wish.place): \(stored)")
    }
    let inline = try Project(rows: 2)
    try inline.write(server.url, Project.Settings(model: "api_key: canary-7351"))
    let run = try inline.run()
    findings.hold(run.status == 2, "a key in the workflow: exit \(run.status)")
    findings.hold(
      !(run.output + run.error).contains("canary"),
      "a key in the workflow: \(run.error)"
    )
    #expect(findings.broken.isEmpty, "\(findings.broken)")
  }

  private func project(_ server: TollServer, model: String) throws -> Project {
    let project = try Project(rows: Self.rows)
    try project.write(server.url, Project.Settings(concurrency: 1, model: model))
    return project
  }

  /// Runs a command with the key in the environment, and looks at its streams.
  private func follow(
    _ arguments: [String],
    _ project: Project,
    _ place: String,
    _ findings: inout Findings
  ) throws {
    let cache = arguments.first == "schema" ? [] : ["--cache", project.cache()]
    let result = try Tool.run(arguments + cache, in: project.path, environment: environment)
    let hits = canary.found(in: Data((result.output + result.error).utf8))
    findings.hold(hits.isEmpty, "\(place), \(arguments): \(hits)")
    findings.hold(result.status != 64, "\(place), \(arguments) is no command: \(result.error)")
  }

  /// Nobody else may read the store.
  private func expectPrivate(_ cache: String) throws {
    let walker = FileManager.default.enumerator(atPath: cache)
    while let name = walker?.nextObject() as? String {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(cache)/\(name)")
      let mode = (facts[.posixPermissions] as? Int ?? 0o777) & 0o777
      // Objects are for reading alone; their folder is closed.
      let isObject = name.hasPrefix("objects/")
      #expect(isObject || mode & 0o077 == 0, "\(name): \(String(mode, radix: 8))")
    }
    let facts = try FileManager.default.attributesOfItem(atPath: cache)
    #expect((facts[.posixPermissions] as? Int ?? 0o777) & 0o077 == 0)
  }
}
