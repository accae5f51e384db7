import Exports
import Foundation
import Lineage
import Primitives
import Synchronization
import TestSupport
import Testing
import Transfer

/// What an MLflow server keeps, as far as logging sees it.
private final class Tracking: Sendable {
  struct Run {
    var metrics: [String: [Double]] = [:]
    var params: [String: String] = [:]
    var tags: [String: String] = [:]
    var status = "RUNNING"
    var datasets: Set<String> = []
  }

  struct State {
    var experiments: [String] = []
    var runs: [String: Run] = [:]
    var artifacts: [String: [UInt8]] = [:]
    var largestBatch = 0
    var requests = 0
  }

  private let state = Mutex(State())
  private let artifactRoot: String

  init(artifactRoot: String = "mlflow-artifacts:/0") { self.artifactRoot = artifactRoot }

  var now: State { state.withLock { $0 } }

  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    state.withLock { state in
      state.requests += 1
      let path = request.target.replacing("/api/2.0/mlflow/", with: "")
      if request.method == "PUT" {
        state.artifacts[request.target] = request.body
        return .answer(200, "{}")
      }
      let body = (try? JSON(parsing: request.body)) ?? .null
      return reply(to: path, body, &state)
    }
  }

  private func reply(to path: String, _ body: JSON, _ state: inout State) -> [ScriptedServer.Step] {
    if path.hasPrefix("experiments/get-by-name") {
      guard !state.experiments.isEmpty else {
        return .answer(404, #"{"error_code":"RESOURCE_DOES_NOT_EXIST"}"#)
      }
      return .answer(200, #"{"experiment":{"experiment_id":"0","lifecycle_stage":"active"}}"#)
    }
    switch path {
    case "experiments/create":
      state.experiments.append(body["name"]?.string ?? "")
      return .answer(200, #"{"experiment_id":"0"}"#)
    case "runs/search":
      let found = state.runs.sorted { $0.key < $1.key }.map { json($0.key, $0.value) }
      return .answer(200, (["runs": .array(found)] as JSON).compactText)
    case "runs/create":
      let id = "r\(state.runs.count)"
      var run = Run()
      for tag in body["tags"]?.array ?? [] { Self.keep(tag, in: &run.tags) }
      state.runs[id] = run
      return .answer(200, (["run": json(id, run)] as JSON).compactText)
    default: return change(path, body, &state)
    }
  }

  private func change(_ path: String, _ body: JSON, _ state: inout State) -> [ScriptedServer.Step] {
    let id = body["run_id"]?.string ?? ""
    guard var run = state.runs[id] else { return .answer(404, #"{"message":"no run"}"#) }
    for metric in body["metrics"]?.array ?? [] {
      let value = metric["value"]?.number ?? .nan
      run.metrics[metric["key"]?.string ?? "", default: []].append(value)
    }
    for param in body["params"]?.array ?? [] { Self.keep(param, in: &run.params) }
    for tag in body["tags"]?.array ?? [] { Self.keep(tag, in: &run.tags) }
    for input in body["datasets"]?.array ?? [] {
      run.datasets.insert(input["dataset"]?["digest"]?.string ?? "")
    }
    if let status = body["status"]?.string { run.status = status }
    for key in ["metrics", "params", "tags"] {
      let count = body[key]?.array?.count ?? 0
      if key != "metrics" { state.largestBatch = max(state.largestBatch, count) }
    }
    state.runs[id] = run
    return .answer(200, "{}")
  }

  private static func keep(_ pair: JSON, in values: inout [String: String]) {
    values[pair["key"]?.string ?? ""] = pair["value"]?.string
  }

  private func json(_ id: String, _ run: Run) -> JSON {
    func pairs(_ values: [String: String]) -> JSON {
      .array(values.map { ["key": .string($0.key), "value": .string($0.value)] })
    }
    return [
      "info": ["run_id": .string(id), "artifact_uri": .string("\(artifactRoot)/\(id)/artifacts")],
      "data": [
        "metrics": .array(
          run.metrics.compactMap { metric in
            metric.value.last.map { ["key": .string(metric.key), "value": .number($0)] }
          }
        ), "params": pairs(run.params), "tags": pairs(run.tags),
      ],
    ]
  }
}

@Suite("A run in MLflow")
struct MLflowTests {
  private static func log(
    _ archive: Archive,
    _ run: RecordedRun,
    to server: ScriptedServer
  ) async throws -> MLflowLogger.Report {
    let address = try ExportAddress(server.url, credential: .none)
    let client = ExportClient(address, transfer: TransferClient())
    let runs = try await MLflowRuns(run, archive.store, archive.records, user: "somebody")
    return try await MLflowLogger(client).log(runs, experiment: "w")
  }

  @Test("has one parent, a child with scores, figures with intervals, cost and the commit")
  func logging() async throws {
    let tracking = Tracking()
    let server = try ScriptedServer { tracking.answer($0) }
    defer { server.stop() }
    let archive = try await Archive()
    let run = try await archive.run()
    let report = try await Self.log(archive, run, to: server)
    #expect(report.children == 1 && !report.wasThere && report.note == nil)
    let state = tracking.now
    #expect(state.runs.count == 2)
    let parent = try #require(state.runs["r0"])
    let child = try #require(state.runs["r1"])
    #expect(parent.status == "FINISHED" && child.status == "FINISHED")
    #expect(parent.tags["mlflow.source.git.commit"] == "c0ffee")
    #expect(parent.tags["mlflow.user"] == "somebody")
    #expect(parent.tags["distill.run_id"] == run.id)
    #expect(parent.params == ["rows": "2", "note": "plain", "model.teacher": "big@2024-07-23"])
    #expect(parent.metrics["cost_usd"] == [0.75])
    #expect(parent.metrics["prompt_tokens"] == [35])
    #expect(parent.metrics["after/cot/accuracy.all"] == [0.5])
    #expect(child.tags["mlflow.parentRunId"] == "r0")
    #expect(child.tags["distill.instance"] == "after@cot")
    #expect(child.metrics["accuracy.all"] == [0.5])
    #expect(child.metrics["accuracy.all_low"] == [0.1])
    #expect(child.metrics["accuracy.all_high"] == [0.9])
    #expect(child.metrics["accuracy.n"] == [2])
    #expect(parent.datasets == [String(Digest(of: Archive.rows).hex.prefix(32))])
    let table = "/api/2.0/mlflow-artifacts/artifacts/0/r0/artifacts/tables/table/table.md"
    #expect(state.artifacts[table] == Array(Archive.markdown.utf8))
    #expect(state.artifacts.count == 3)
  }

  @Test("is not doubled by logging it again")
  func again() async throws {
    let tracking = Tracking()
    let server = try ScriptedServer { tracking.answer($0) }
    defer { server.stop() }
    let archive = try await Archive()
    let run = try await archive.run()
    _ = try await Self.log(archive, run, to: server)
    let before = tracking.now
    let report = try await Self.log(archive, run, to: server)
    #expect(report.wasThere)
    let after = tracking.now
    #expect(after.experiments == ["w"])
    #expect(after.runs.keys.sorted() == before.runs.keys.sorted())
    for (id, run) in after.runs {
      #expect(run.metrics == before.runs[id]?.metrics)
      #expect(run.metrics.values.allSatisfy { $0.count == 1 })
      #expect(run.params == before.runs[id]?.params)
      #expect(run.tags == before.runs[id]?.tags)
    }
  }

  @Test("that was cut off is completed by the next try")
  func resumed() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    let whole = Tracking()
    let reference = try ScriptedServer { whole.answer($0) }
    _ = try await Self.log(archive, run, to: reference)
    reference.stop()
    let count = whole.now.requests
    for cut in 1..<count {
      let tracking = Tracking()
      let broken = try ScriptedServer { request in
        request.number == cut ? [.reset] : tracking.answer(request)
      }
      await #expect(throws: ExportError.self) { try await Self.log(archive, run, to: broken) }
      broken.stop()
      let server = try ScriptedServer { tracking.answer($0) }
      _ = try await Self.log(archive, run, to: server)
      server.stop()
      let state = tracking.now
      #expect(state.runs.count == 2, "cut at request \(cut)")
      #expect(state.runs.values.allSatisfy { $0.status == "FINISHED" })
      #expect(state.runs["r0"]?.metrics == whole.now.runs["r0"]?.metrics)
      #expect(state.runs["r1"]?.metrics == whole.now.runs["r1"]?.metrics)
    }
  }

  @Test("keeps to the sizes that a server takes")
  func sizes() async throws {
    let tracking = Tracking()
    let server = try ScriptedServer { tracking.answer($0) }
    defer { server.stop() }
    let archive = try await Archive()
    var plan = Archive.Plan()
    let long = String(repeating: "ü", count: 5000)
    plan.parameters = .object(
      JSONObject((0..<250).map { ("p\($0)", .integer($0)) } + [("long", .string(long))])
    )
    _ = try await Self.log(archive, try await archive.run(plan), to: server)
    let parent = try #require(tracking.now.runs["r0"])
    #expect(parent.params.count == 252)
    #expect(tracking.now.largestBatch == 100)
    let value = try #require(parent.params["long"])
    #expect(value.utf8.count <= 250 && value.utf8.count > 240)
    #expect(value.hasSuffix("ü…"))
    #expect(parent.tags["distill.shortened"] == "long")
  }

  @Test("has keys that MLflow takes, of any names")
  func keys() async throws {
    let tracking = Tracking()
    let server = try ScriptedServer { tracking.answer($0) }
    defer { server.stop() }
    let archive = try await Archive()
    var plan = Archive.Plan()
    let names = ["../up", "a//b", "a b", "a:b", "ü", "", String(repeating: "x", count: 400)]
    plan.parameters = .object(JSONObject(names.map { ($0, "value") }))
    plan.models = [:]
    _ = try await Self.log(archive, try await archive.run(plan), to: server)
    let found = try #require(tracking.now.runs["r0"]).params.keys
    #expect(found.count == names.count)
    for key in found {
      #expect(key.utf8.count <= 250)
      #expect(key.wholeMatch(of: /[A-Za-z0-9_.\-\/]+/) != nil)
      #expect(!key.contains("..") && !key.contains("//") && !key.hasPrefix("/"))
    }
  }

  @Test("sends no tables where the server keeps artifacts elsewhere")
  func artifactsElsewhere() async throws {
    let tracking = Tracking(artifactRoot: "s3://bucket/0")
    let server = try ScriptedServer { tracking.answer($0) }
    defer { server.stop() }
    let archive = try await Archive()
    let report = try await Self.log(archive, try await archive.run(), to: server)
    #expect(report.note != nil)
    #expect(tracking.now.artifacts.isEmpty)
    #expect(tracking.now.runs["r0"]?.status == "FINISHED")
  }

  @Test("is refused in words by what is no MLflow server")
  func wrongServer() async throws {
    let server = try ScriptedServer { _ in .answer(200, "<html>hello</html>", type: "text/html") }
    defer { server.stop() }
    let archive = try await Archive()
    let run = try await archive.run()
    let error = await #expect(throws: ExportError.self) {
      try await Self.log(archive, run, to: server)
    }
    #expect(error?.hint?.contains("tracking server") == true)
  }
}
