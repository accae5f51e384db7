import Foundation
import Primitives
import TestSupport
import Testing
import TollRig

/// Jobs at services: what the tool says of them, and how they are ended.
@Suite("Jobs")
struct JobsTests {
  /// A student that is tuned at the service, from gold labels.
  private static let nodes = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      training: {kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows, decoding: {max_tokens: 50}}
      labels: {kind: parse, completions: answers}
      tuned: {kind: fine-tune, model: teacher, data: training, epochs: 1, learning_rate_multiplier: 1}

    """

  /// A run that is stopped while its job is at work, a state that lasts for ten minutes.
  private static func stopped() throws -> (model: PaidModel, status: Int32, error: String) {
    let model = try PaidModel(rows: 12, "--job-delay", "600000")
    try model.write(nodes: nodes)
    let (process, outputs) = try Distill.start(["run", "w.yaml"], in: model.folder.path)
    let ledger = model.toll.ledger
    while process.isRunning, try ledger.requests("job-polls").isEmpty { usleep(20_000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    return (model, process.terminationStatus, try outputs.read("err"))
  }

  private func jobs(_ model: PaidModel, _ arguments: String...) throws -> [JSON] {
    let listed = try Distill.run(["jobs", "--json"] + arguments, in: model.folder.path)
    #expect(listed.status == 0, "\(listed.error)")
    return listed.summary["jobs"]?.array ?? []
  }

  private func cancellations(_ model: PaidModel) throws -> Int {
    try model.toll.ledger.requests().count { $0["path"]?.string?.contains("/cancel") == true }
  }

  @Test("go on when a run is stopped, which is said with the command that ends them")
  func goesOn() throws {
    let (model, status, error) = try Self.stopped()
    #expect(status == 130, "\(error)")
    let job = try #require(try jobs(model).first)
    let tag = try #require(job["tag"]?.string)
    #expect(job["kind"] == "fine-tune")
    #expect(job["state"] == "created")
    #expect(job["followed"] == false)
    #expect(job["reserved_usd"]?.number ?? 0 > 0)
    #expect(error.contains("'distill jobs cancel \(tag)'"), "\(error)")
    #expect(error.contains("goes on"), "\(error)")
    #expect(try cancellations(model) == 0)

    let lines = try model.distill("jobs").output
    #expect(lines.contains(tag) && lines.contains("at most "), "\(lines)")
    let status2 = try model.distill("status")
    #expect(status2.output.contains("'distill jobs cancel \(tag)' ends it"), "\(status2.output)")
    let shown = try model.distill("jobs", "show", String(tag.prefix(16))).output
    #expect(shown.contains("service: \(model.toll.address), dialect openai"), "\(shown)")
    #expect(shown.contains("to end it: distill jobs cancel \(tag)"), "\(shown)")
  }

  @Test("are ended at their service by tag or id, from any process")
  func cancel() throws {
    let model = try Self.stopped().model
    let id = try #require(try jobs(model).first?["id"]?.string)
    let result = try model.distill("jobs", "cancel", id)
    #expect(result.status == 0, "\(result.error)")
    let asked = "fine-tune '\(id)': asked its service to end it"
    #expect(result.output.contains(asked), "\(result.output)")
    #expect(try cancellations(model) == 1)
    let again = try model.distill("jobs", "cancel", id, "--json")
    #expect(again.status == 0, "\(again.error)")
    #expect(again.summary["outcome"] == "had-ended")
    #expect(try cancellations(model) == 1)
    #expect(try jobs(model, "--open").isEmpty)
    #expect(try jobs(model).first?["state"] == "cancelled")
  }

  @Test("that are not there are told so", arguments: ["show", "cancel"])
  func notThere(command: String) throws {
    let model = try PaidModel(rows: 1)
    try model.write()
    _ = try model.run()
    #expect(try jobs(model).isEmpty)
    #expect(try model.distill("jobs").error == "no jobs\n")
    let result = try model.distill("jobs", command, "ftjob-none")
    #expect(result.status == 2)
    #expect(result.error.contains("there is no job 'ftjob-none'"), "\(result.error)")
  }

  @Test("a deployment is made once, shown with its hourly cost, and deleted; no token is kept")
  func deployment() throws {
    let folder = try TemporaryFolder()
    let toll = try Toll(ledger: "\(folder.path)/charges.jsonl")
    try folder.write(Arithmetic.rows(0..<12), to: "rows.jsonl")
    try folder.write("canary-of-a-token\n", to: "token")
    try folder.write("canary-of-a-key\n", to: "key")
    try folder.write(Self.azure(toll.origin), to: "w.yaml")
    let run = try Distill.run("run", "w.yaml", in: folder.path)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.contains("deployment '"), "\(run.error)")
    let changed = try folder.read("w.yaml").replacing("limit: 5", with: "limit: 6")
    try folder.write(changed, to: "w.yaml")
    #expect(try Distill.run("run", "w.yaml", in: folder.path).status == 0)
    func management(_ method: String) throws -> Int {
      try toll.ledger.requests("management").count { $0["method"]?.string == method }
    }
    #expect(try management("PUT") == 1)

    let listed = try Distill.run("jobs", "--json", in: folder.path)
    let deployment = try #require(
      listed.summary["jobs"]?.array?.first { $0["kind"] == "deployment" }
    )
    #expect(deployment["hourly_usd"]?.number == 1.7)
    let tag = try #require(deployment["tag"]?.string)
    let lines = try Distill.run("jobs", in: folder.path).output
    #expect(lines.contains("1.70 USD an hour, "), "\(lines)")

    let deleted = try Distill.run("jobs", "cancel", tag, in: folder.path)
    #expect(deleted.status == 0, "\(deleted.error)")
    #expect(deleted.output.contains("bills it no longer"), "\(deleted.output)")
    #expect(try management("DELETE") == 1)
    for text in [run.error, listed.output, lines, deleted.output] {
      #expect(!text.contains("canary"))
    }
    let ledger = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/cache/ledger.sqlite"))
    #expect(ledger.range(of: Data("canary".utf8)) == nil)
  }

  /// A student that Azure tunes and must deploy.
  private static func azure(_ origin: String) -> String {
    """
    models:
      teacher: {base_url: \(origin)/v1, model: toll, revision: "1"}
      student:
        provider: azure-openai
        base_url: \(origin)
        model: student
        revision: "1"
        api_key: {file: key}
        deploy:
          subscription: s
          resource_group: g
          account: a
          hourly: 1.70
          token: {file: token}
          management: \(origin)
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      some: {kind: dataset, data: rows, limit: 5}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      labels: {kind: parse, completions: answers}
      training: {kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}
      tuned: {kind: fine-tune, model: student, data: training, epochs: 1, learning_rate_multiplier: 1}
      after: {kind: generate, model: tuned, template: math/vanilla, data: some}

    """
  }
}
