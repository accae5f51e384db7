import Primitives
import Transfer

/// The parts of MLflow's REST API that logging needs, one function a request.
///
/// Source: https://mlflow.org/docs/latest/rest-api.html
struct MLflowService: Sendable {
  let client: ExportClient
  private static let api = "/api/2.0/mlflow"

  init(_ client: ExportClient) { self.client = client }

  // MARK: Experiments

  /// The id of an experiment by its name; nil where there is none.
  func experiment(named name: String) async throws(ExportError) -> String? {
    let query = "experiment_name=\(PercentEncoding.text(name))"
    let answer = try await client.send(.get, "\(Self.api)/experiments/get-by-name?\(query)")
    if answer.status == 404, answer.json?["error_code"]?.string == "RESOURCE_DOES_NOT_EXIST" {
      return nil
    }
    let experiment = try result(answer, of: "looking for experiment '\(name)'")["experiment"]
    guard experiment?["lifecycle_stage"]?.string != "deleted" else {
      throw ExportError(
        "experiment '\(name)' is deleted on the server",
        hint: "restore it there, or name another with --experiment"
      )
    }
    return experiment?["experiment_id"]?.string
  }

  /// Makes an experiment; another process may do so at the same moment.
  func makeExperiment(named name: String) async throws(ExportError) -> String {
    let answer = try await client.send(
      .post,
      "\(Self.api)/experiments/create",
      ["name": .string(name)]
    )
    if answer.json?["error_code"]?.string == "RESOURCE_ALREADY_EXISTS",
      let id = try await experiment(named: name)
    {
      return id
    }
    let made = try result(answer, of: "making experiment '\(name)'")
    guard let id = made["experiment_id"]?.string else {
      throw Self.unreadable("experiments/create")
    }
    return id
  }

  // MARK: Runs

  /// The runs that carry a tag; its value is of letters, digits and `-`.
  func runs(
    in experiment: String,
    withTag tag: String,
    _ value: String
  ) async throws(ExportError) -> [Existing] {
    var found: [Existing] = []
    var page: String?
    repeat {
      var query: [(key: String, value: JSON)] = [
        ("experiment_ids", [.string(experiment)]),
        ("filter", .string("tags.`\(tag)` = '\(value)'")), ("max_results", 1000),
      ]
      if let page { query.append(("page_token", .string(page))) }
      let answer = try await post("runs/search", .object(JSONObject(query)))
      found += (answer["runs"]?.array ?? []).compactMap(Existing.init)
      page = answer["next_page_token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while page != nil
    return found
  }

  func makeRun(
    in experiment: String,
    named name: String,
    start: Moment,
    tags: [(key: String, value: String)]
  ) async throws(ExportError) -> Existing {
    let answer = try await post(
      "runs/create",
      [
        "experiment_id": .string(experiment), "run_name": .string(MLflowText.value(name)),
        "start_time": .integer(start.milliseconds), "tags": Self.list(tags),
      ]
    )
    guard let run = answer["run"].flatMap(Existing.init) else {
      throw Self.unreadable("runs/create")
    }
    return run
  }

  func finish(_ run: String, _ status: MLflowRun.Status, at end: Moment) async throws(ExportError) {
    _ = try await post(
      "runs/update",
      [
        "run_id": .string(run), "status": .string(status.rawValue),
        "end_time": .integer(end.milliseconds),
      ]
    )
  }

  func log(
    _ run: String,
    metrics: [JSON],
    params: [(key: String, value: String)],
    tags: [(key: String, value: String)]
  ) async throws(ExportError) {
    _ = try await post(
      "runs/log-batch",
      [
        "run_id": .string(run), "metrics": .array(metrics), "params": Self.list(params),
        "tags": Self.list(tags),
      ]
    )
  }

  func log(_ run: String, datasets: [JSON]) async throws(ExportError) {
    _ = try await post(
      "runs/log-inputs",
      ["run_id": .string(run), "datasets": .array(datasets)]
    )
  }

  // MARK: Requests

  private func post(_ path: String, _ body: JSON) async throws(ExportError) -> JSON {
    try result(try await client.send(.post, "\(Self.api)/\(path)", body), of: path)
  }

  private func result(
    _ answer: ExportClient.Answer,
    of what: String
  ) throws(ExportError) -> JSON {
    guard answer.isSuccess else { throw client.refusal(answer, of: "MLflow, \(what)") }
    // Some answers that say nothing are empty.
    if answer.body.isEmpty { return .object(JSONObject()) }
    guard let json = answer.json else { throw Self.unreadable(what) }
    return json
  }

  private static func unreadable(_ what: String) -> ExportError {
    ExportError(
      "the answer to \(what) is none of MLflow's",
      hint: "give the address of the tracking server, such as 'http://127.0.0.1:5000'"
    )
  }

  private static func list(_ pairs: [(key: String, value: String)]) -> JSON {
    .array(pairs.map { ["key": .string($0.key), "value": .string($0.value)] })
  }
}
