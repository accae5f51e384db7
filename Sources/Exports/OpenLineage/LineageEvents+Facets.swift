import Lineage
import Primitives

// Facets: what events say of jobs and runs beside their names. Each names its own schema.

extension LineageEvents {
  private static let facets = "https://openlineage.io/spec/facets"

  func facet(_ schema: String, _ members: [(key: String, value: JSON?)]) -> JSON {
    let base: [(key: String, value: JSON)] = [
      ("_producer", run.producer), ("_schemaURL", .string(schema)),
    ]
    return .object(JSONObject(base + members.compactMap { m in m.value.map { (m.key, $0) } }))
  }

  func facet(_ name: String, _ version: String, _ members: [(key: String, value: JSON?)]) -> JSON {
    facet("\(Self.facets)/\(version)/\(name).json#/$defs/\(name)", members)
  }

  // MARK: Jobs

  var runJob: JSON { job(named: run.workflow, type: "DAG") }

  func job(of instance: String) -> JSON { job(named: run.jobName(of: instance), type: "TASK") }

  private func job(named name: String, type: String) -> JSON {
    var facets: [(key: String, value: JSON)] = [
      (
        "jobType",
        facet(
          "JobTypeJobFacet",
          "2-0-4",
          [
            ("processingType", "BATCH"), ("integration", "DISTILL"), ("jobType", .string(type)),
          ]
        )
      )
    ]
    if let location = run.location {
      facets.append(
        (
          "sourceCodeLocation",
          facet(
            "SourceCodeLocationJobFacet",
            "1-1-0",
            [
              ("type", "git"), ("url", .string(location)), ("repoUrl", run.remote.map(JSON.string)),
              ("path", .string(run.path)), ("version", run.commit.map(JSON.string)),
              ("branch", run.branch.map(JSON.string)),
            ]
          )
        )
      )
    }
    return [
      "namespace": .string(run.namespace), "name": .string(name),
      "facets": .object(JSONObject(facets)),
    ]
  }

  // MARK: Runs

  private var engine: JSON {
    facet(
      "ProcessingEngineRunFacet",
      "1-1-1",
      [("version", .string(run.tool)), ("name", "distill")]
    )
  }

  private func error(_ message: String) -> JSON {
    facet(
      "ErrorMessageRunFacet",
      "1-0-1",
      [("message", .string(message)), ("programmingLanguage", "distill workflow")]
    )
  }

  func runRun(error message: String? = nil) -> JSON {
    var facets: [(key: String, value: JSON)] = [
      ("processing_engine", engine),
      ("distill_run", facet("\(Self.schema)/RunFacet", [("runId", .string(run.runID))])),
    ]
    if let message { facets.append(("errorMessage", error(message))) }
    return [
      "runId": .string(EventID.run(run.runID)), "facets": .object(JSONObject(facets)),
    ]
  }

  func instanceRun(_ instance: String, outcome: ReportedInstance? = nil) -> JSON {
    var facets: [(key: String, value: JSON)] = [
      ("parent", parent), ("processing_engine", engine),
    ]
    if let outcome {
      facets.append(("distill_result", result(outcome)))
      if !["ran", "reused"].contains(outcome.status) {
        let skipped = "skipped: something that it depends on did not succeed"
        let text = outcome.error ?? (outcome.status == "skipped" ? skipped : outcome.status)
        facets.append(("errorMessage", error(text)))
      }
    }
    return [
      "runId": .string(EventID.instance(instance, in: run.runID)),
      "facets": .object(JSONObject(facets)),
    ]
  }

  private var parent: JSON {
    let id: JSON = ["runId": .string(EventID.run(run.runID))]
    let job: JSON = ["namespace": .string(run.namespace), "name": .string(run.workflow)]
    return facet(
      "ParentRunFacet",
      "1-2-0",
      [("run", id), ("job", job), ("root", ["run": id, "job": job])]
    )
  }

  /// What only this tool has to say; it has the form of every run's facet.
  private func result(_ instance: ReportedInstance) -> JSON {
    let calls = CallFacts(instance.facts)
    return facet(
      "\(Self.schema)/RunFacet",
      [
        ("kind", .string(instance.kind)), ("status", .string(instance.status)),
        ("actionKey", instance.key.map { .string($0.hex) }),
        ("originRun", instance.originRun.map(JSON.string)), ("calls", calls.made.map { JSON($0) }),
        ("promptTokens", calls.promptTokens.map { JSON($0) }),
        ("completionTokens", calls.completionTokens.map { JSON($0) }),
        ("costUsd", calls.cost.map { .number($0.usd) }), ("seconds", .number(instance.seconds)),
      ]
    )
  }
}
