import Primitives

/// Logs a run to an MLflow server so that doing it again changes nothing: what is there is found by
/// the run's id, and only what is missing or differs is sent.
package struct MLflowLogger: Sendable {
  /// What logging came to.
  package struct Report: Sendable {
    package let experimentID: String
    package let runID: String
    package let children: Int
    /// Whether the server had the run before.
    package let wasThere: Bool
    /// Why artifacts were not sent, if they were not.
    package let note: String?
  }

  private let service: MLflowService

  // What one request may hold (`mlflow/utils/validation.py`).
  private static let metricsInBatch = 1000
  private static let pairsInBatch = 100

  package init(_ client: ExportClient) { service = MLflowService(client) }

  /// Logs the parent, then its children.
  ///
  /// - Throws: `ExportError`; what was sent until then stays, and another try goes on from there.
  package func log(
    _ runs: MLflowRuns,
    experiment name: String
  ) async throws(ExportError) -> Report {
    let found = try await service.experiment(named: name)
    let experiment = if let found { found } else { try await service.makeExperiment(named: name) }
    let existing = try await service.runs(in: experiment, withTag: MLflowRuns.runTag, runs.runID)
    let oldParent = existing.first { $0.tags[MLflowRuns.instanceTag] == nil }
    let parent = try await log(runs.parent, in: experiment, existing: oldParent)
    for var child in runs.children {
      child.add(tag: "mlflow.parentRunId", parent.id)
      let old = existing.first { $0.tags[MLflowRuns.instanceTag] == child.instance }
      _ = try await log(child, in: experiment, existing: old)
    }
    let leftOut = !runs.parent.artifacts.isEmpty && !MLflowService.takesArtifacts(parent.artifacts)
    return Report(
      experimentID: experiment,
      runID: parent.id,
      children: runs.children.count,
      wasThere: oldParent != nil,
      note: leftOut ? "the server keeps artifacts elsewhere; tables were not sent" : nil
    )
  }

  private func log(
    _ run: MLflowRun,
    in experiment: String,
    existing: MLflowService.Existing?
  ) async throws(ExportError) -> MLflowService.Existing {
    let tags = run.tags.map { (key: $0.key, value: MLflowText.tag($0.value)) }
    let there: MLflowService.Existing
    if let existing {
      there = existing
    } else {
      there = try await service.makeRun(
        in: experiment,
        named: run.name,
        start: run.start,
        tags: Array(tags.prefix(Self.pairsInBatch))
      )
    }
    try await logValues(of: run, tags, to: there)
    let datasets = run.datasets.map(Self.json)
    for batch in Self.batches(datasets, of: Self.pairsInBatch) {
      try await service.log(there.id, datasets: batch)
    }
    for artifact in run.artifacts { try await service.put(artifact, below: there.artifacts) }
    try await service.finish(there.id, run.status, at: run.end)
    return there
  }

  /// Sends the figures, parameters and tags that the server does not have.
  private func logValues(
    of run: MLflowRun,
    _ tags: [(key: String, value: String)],
    to there: MLflowService.Existing
  ) async throws(ExportError) {
    let metrics = run.metrics.filter { there.metrics[$0.key] != $0.value }.map { metric -> JSON in
      [
        "key": .string(metric.key), "value": .number(metric.value),
        "timestamp": .integer(run.end.milliseconds), "step": 0,
      ]
    }
    for batch in Self.batches(metrics, of: Self.metricsInBatch) {
      try await service.log(there.id, metrics: batch, params: [], tags: [])
    }
    // A parameter never changes there; the server refuses another value.
    let params = run.params.filter { there.params[$0.key] == nil }
    for batch in Self.batches(params, of: Self.pairsInBatch) {
      try await service.log(there.id, metrics: [], params: batch, tags: [])
    }
    let others = tags.filter { there.tags[$0.key] != $0.value }
    for batch in Self.batches(others, of: Self.pairsInBatch) {
      try await service.log(there.id, metrics: [], params: [], tags: batch)
    }
  }

  private static func batches<Element>(_ all: [Element], of size: Int) -> [[Element]] {
    stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
  }

  /// A dataset; MLflow keeps 36 characters of a digest, its source has all of it.
  private static func json(_ dataset: MLflowRun.Dataset) -> JSON {
    var tags: [JSON] = []
    if let context = dataset.context {
      tags.append(["key": "mlflow.data.context", "value": .string(context)])
    }
    return [
      "tags": .array(tags),
      "dataset": [
        "name": .string(MLflowText.value(dataset.name)),
        "digest": .string(String(dataset.digest.hex.prefix(32))), "source_type": "git",
        "source": .string(dataset.source.canonicalText),
      ],
    ]
  }
}
