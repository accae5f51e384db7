import Foundation
import Lineage
import Primitives
import Store
import Testing

/// From results back to files, models and runs, and forward again.
@Suite("Trails")
struct TrailTests {
  private let experiment: Experiment

  init() async throws { experiment = try await Experiment() }

  private var tracer: Tracer { Tracer(experiment.store, RunRecords(experiment.store)) }

  private func trail(_ name: String, _ run: String) async throws -> Trail {
    let record = try await tracer.run(run)
    return try await tracer.trail(of: tracer.instance(name, in: record), in: record)
  }

  /// `answers.data: train`, for every source that another action of the trail made.
  private func edges(_ trail: Trail) -> [String] {
    trail.steps.flatMap { step in
      step.sources.compactMap { source in
        step.maker(of: source.slot).flatMap { trail[$0] }.map {
          "\(step.name).\(source.slot): \(source.instance ?? $0.name)"
        }
      }
    }
  }

  @Test("a score leads to every file, template and model behind it, each action once")
  func back() async throws {
    let run = try await experiment.run()
    let trail = try await trail("score", run)
    #expect(
      edges(trail) == [
        "score.data: test", "score.template: prompt", "score.model: distilled",
        "distilled.data: training", "training.data: train", "training.labels: labels",
        "training.template: prompt", "labels.completions: answers", "labels.data: train",
        "labels.reading: prompt", "answers.data: train", "answers.template: prompt",
      ]
    )
    #expect(Set(trail.steps.map(\.key)).count == trail.steps.count)
    let data = try #require(trail.steps.first { $0.kind == "dataset" })
    // The same file read the same way is one action under two names.
    #expect(data.names == ["test", "train"])
    guard case .file(let file)? = data.sources.first?.origin else {
      Issue.record("a dataset without a file")
      return
    }
    #expect(file.paths == ["/p/rows.jsonl"])
    #expect(file.git?.blob == "b10b")
    #expect(file.git?.pinned == "head")
    let answers = try #require(trail.steps.first { $0.kind == "generate" })
    #expect(answers.origin.runID == run)
    #expect(answers.origin.commit == "c0ffee0000")
    #expect(answers.calls.servedModels == ["toll-1"])
    let models = answers.sources.compactMap { source -> ModelTrail? in
      guard case .model(let model) = source.origin else { return nil }
      return model
    }
    #expect(models.map { $0.declared.map(\.name) } == [["teacher"]])
    let template = try #require(trail.steps.first { $0.kind == "select-template" })
    #expect(template.contents.map(\.part) == ["prompt", "target", "reading"])
  }

  @Test("a reused part is told with the run that made it first, and with that run's commit")
  func reused() async throws {
    var dirty = Experiment.Options()
    dirty.isDirty = true
    let first = try await experiment.run(dirty)
    var options = Experiment.Options()
    options.seed = 7
    let second = try await experiment.run(options)
    let trail = try await trail("score", second)
    let byKind = Dictionary(grouping: trail.steps, by: \.kind).mapValues { $0[0].origin }
    #expect(byKind["dataset"]?.runID == first)
    #expect(byKind["dataset"]?.isDirty == true)
    #expect(byKind["dataset"]?.runCommit == "d1ce000000")
    #expect(byKind["generate"]?.runID == second)
    #expect(byKind["generate"]?.isDirty == false)
  }

  @Test("where the record names no sources they are found by their bytes")
  func withoutNames() async throws {
    var options = Experiment.Options()
    options.namesSources = false
    let run = try await experiment.run(options)
    #expect(try await edges(trail("labels", run)).contains("labels.completions: answers"))
  }

  @Test("a result of a run that left no record is followed by its digests alone")
  func withoutRecord() async throws {
    let run = try await experiment.run()
    let labels = try #require(try await tracer.run(run)["labels"]?["rows"]?.digest)
    try FileManager.default.removeItem(atPath: experiment.store.runs.folder(run).recordPath)
    guard case .result(let result, let parts, _)? = try await tracer.subject(labels) else {
      Issue.record("the digest of an output was not found")
      return
    }
    #expect(parts == ["rows"])
    let trail = try await tracer.trail(of: result)
    #expect(trail.steps.map(\.kind) == ["parse", "generate", "dataset", "select-template"])
    #expect(trail.steps.allSatisfy { !$0.origin.hasRecord && $0.origin.runID == run })
    #expect(trail.steps[0].origin.commit == "c0ffee")
    await #expect(throws: LineageError.self) { _ = try await tracer.run(run) }
  }

  @Test("a file leads forward to everything that was made from it")
  func forward() async throws {
    let run = try await experiment.run()
    let record = try await tracer.run(run)
    let template = try #require(record.files.first { $0.path.hasSuffix("cot.yaml") })
    let offspring = try await tracer.offspring(of: [template.object.digest])
    #expect(offspring.uses.map(\.slot) == ["use"])
    let names = Set(offspring.steps.map(\.name))
    #expect(names == ["prompt", "answers", "labels", "training", "distilled", "score"])
    #expect(try await tracer.offspring(of: [Digest(of: "nothing")]).uses.isEmpty)
  }

  @Test("a digest is an output, a key, or a file that runs read")
  func subjects() async throws {
    let run = try await experiment.run()
    let record = try await tracer.run(run)
    let rows = try #require(record.files.first)
    guard case .file(_, let uses)? = try await tracer.subject(rows.object.digest) else {
      Issue.record("an input file was not found")
      return
    }
    #expect(uses.map(\.runID) == [run])
    guard case .file(_, let workflow)? = try await tracer.subject(Digest(of: "w")) else {
      Issue.record("the workflow file was not found")
      return
    }
    #expect(workflow.map(\.isWorkflow) == [true])
    let key = try #require(record["score"]?.key)
    guard case .result(let result, let parts, _)? = try await tracer.subject(key) else {
      Issue.record("an action key was not found")
      return
    }
    #expect(result.key == key)
    #expect(parts.isEmpty)
    #expect(try await tracer.subject(Digest(of: "nothing")) == nil)
    #expect(try await tracer.digests(withPrefix: String(key.hex.prefix(10))) == [key])
    #expect(
      try await tracer.digests(withPrefix: rows.object.digest.hex) == [rows.object.digest]
    )
  }

  @Test("a node with several instances, or none, is refused with the names there are")
  func names() async throws {
    let run = try await experiment.run()
    let record = try await tracer.run(run)
    let error = #expect(throws: LineageError.self) { try tracer.instance("scores", in: record) }
    #expect(error?.hint?.contains("score") == true)
  }
}
