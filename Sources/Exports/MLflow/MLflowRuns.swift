package import Lineage
import Primitives
package import Store

/// A run as MLflow is to have it: one parent, and a child for each instance with scores.
package struct MLflowRuns: Sendable {
  /// The tags by which a run is found again.
  static let runTag = "distill.run_id"
  static let instanceTag = "distill.instance"
  /// Tables larger than this stay in the store.
  private static let artifactLimit = 16 << 20

  package let runID: String
  let parent: MLflowRun
  let children: [MLflowRun]

  /// Reads the figures of a run.
  ///
  /// - Throws: `StoreError`.
  package init(
    _ run: RecordedRun,
    _ store: Store,
    _ records: RunRecords,
    user: String?
  ) async throws {
    runID = run.id
    let times = try await RunTimes(of: run, store, records)
    let preimages = try await Preimage.all(of: run, store.objects)
    var parent = Self.parent(of: run, times, user: user)
    var children: [MLflowRun] = []
    for instance in run.instances {
      guard let summary = instance["summary"], store.objects.contains(summary),
        let figures = ScoreFigures(try JSON(parsing: try await store.objects.read(summary)))
      else { continue }
      for figure in figures.figures { parent.add("\(instance.id)/", figure) }
      children.append(
        Self.child(of: run, instance, figures, preimages[instance.id], times, user: user)
      )
    }
    parent.artifacts = try await Self.artifacts(of: run, store)
    self.parent = parent
    self.children = children
  }

  private static func parent(of run: RecordedRun, _ times: RunTimes, user: String?) -> MLflowRun {
    let status: MLflowRun.Status =
      switch run.status {
      case "succeeded": .finished
      case "failed": .failed
      default: .killed
      }
    var parent = MLflowRun(
      instance: nil,
      name: "\(run.workflow.name) \(run.id)",
      status: status,
      start: times.start,
      end: times.end
    )
    parent.tags = tags(of: run, user: user)
    parent.add(tag: "distill.status", run.status)
    for member in run.parameters.members { parent.add(parameter: member.key, member.value) }
    for model in run.models {
      parent.add(parameter: "model.\(model.name)", .string(PublicModel(model).title))
    }
    parent.add("seconds", run.seconds)
    parent.add("cost_usd", run.summary["cost_usd"]?.number)
    parent.add("saved_usd", run.summary["saved_usd"]?.number)
    parent.add("calls_made", run.summary["calls"]?["made"]?.int)
    parent.add("calls_reused", run.summary["calls"]?["reused"]?.int)
    let own = run.instances.filter(\.isOwn).map(\.calls)
    parent.add("prompt_tokens", own.compactMap(\.promptTokens).reduce(0, +))
    parent.add("completion_tokens", own.compactMap(\.completionTokens).reduce(0, +))
    parent.datasets = run.files.map { file in
      dataset(named: InputPlace.title(ofFileAt: file.path, in: run), file.object, run)
    }
    return parent
  }

  private static func child(
    of run: RecordedRun,
    _ instance: RecordedInstance,
    _ figures: ScoreFigures,
    _ preimage: JSON?,
    _ times: RunTimes,
    user: String?
  ) -> MLflowRun {
    let span = times[instance]
    var child = MLflowRun(
      instance: instance.id,
      name: instance.id,
      status: .finished,
      start: span?.start ?? times.start,
      end: span?.end ?? times.end
    )
    child.tags = tags(of: run, user: user)
    child.add(tag: instanceTag, instance.id)
    child.add(tag: "distill.status", instance.status)
    child.add(tag: "distill.origin_run", instance.originRun)
    child.add(tag: "distill.action_key", instance.key?.hex)
    child.add(parameter: "kind", .string(instance.kind))
    for setting in preimage?["settings"]?.object?.members ?? [] {
      child.add(parameter: setting.key, setting.value)
    }
    for model in instance.calls.servedModels.prefix(1) {
      child.add(parameter: "served_model", .string(model))
    }
    for figure in figures.figures { child.add("", figure) }
    for count in figures.counts {
      child.add("\(count.name).n", count.n)
      child.add("\(count.name).invalid", count.invalid)
    }
    child.add("seconds", instance.seconds)
    child.add("cost_usd", instance.calls.cost?.usd)
    child.add("prompt_tokens", instance.calls.promptTokens)
    child.add("completion_tokens", instance.calls.completionTokens)
    child.datasets = data(of: instance, run)
    return child
  }
}

// MARK: - What both have

extension MLflowRuns {
  private static func tags(
    of run: RecordedRun,
    user: String?
  ) -> [(key: String, value: String)] {
    let tags: [(key: String, value: String?)] = [
      (runTag, run.id), ("distill.version", run.tool), ("distill.workflow", run.workflow.name),
      ("distill.dirty", run.git.map { $0.isDirty ? "true" : "false" }),
      ("mlflow.user", user), ("mlflow.source.type", "LOCAL"),
      ("mlflow.source.name", InputPlace.title(ofFileAt: run.workflow.path, in: run)),
      ("mlflow.source.git.commit", run.git?.runCommit ?? run.git?.commit),
      ("mlflow.source.git.branch", run.git?.branch),
      ("mlflow.source.git.repoURL", run.git?.publicRemote),
    ]
    return tags.compactMap { tag in tag.value.map { (tag.key, $0) } }
  }

  private static func dataset(
    named name: String,
    _ object: ObjectRef,
    _ run: RecordedRun,
    context: String? = nil
  ) -> MLflowRun.Dataset {
    MLflowRun.Dataset(
      name: name,
      digest: object.digest,
      source: [
        "path": .string(name), "sha256": .string(object.digest.hex), "size": JSON(object.size),
        "repository": JSON(run.git?.publicRemote),
        "commit": JSON(run.git?.runCommit ?? run.git?.commit),
      ],
      context: context
    )
  }

  /// The rows that an instance was scored on, under the name of the instance that made them.
  private static func data(of instance: RecordedInstance, _ run: RecordedRun) -> [MLflowRun.Dataset]
  {
    guard let digest = instance.inputs["data"]?["rows"]?.string.flatMap({ Digest(hex: $0) }) else {
      return []
    }
    for maker in run.instances {
      guard let rows = maker["rows"], rows.digest == digest else { continue }
      return [dataset(named: maker.id, rows, run, context: "evaluation")]
    }
    return []
  }

  /// Tables, as they are; what is damaged or gone fails, what is too large is left out.
  private static func artifacts(
    of run: RecordedRun,
    _ store: Store
  ) async throws -> [MLflowRun.Artifact] {
    var paths = CratePaths()
    var artifacts: [MLflowRun.Artifact] = []
    for instance in run.instances where instance.kind == "table" {
      for output in instance.outputs where output.object.size <= artifactLimit {
        let name = MediaType.fileName(ofPart: output.part)
        let path = paths.path(["tables", instance.id, name])
        let bytes = try await store.objects.read(output.object)
        artifacts.append(MLflowRun.Artifact(path: path, bytes: bytes))
      }
    }
    return artifacts
  }
}
