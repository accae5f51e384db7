import Lineage
import Primitives
import Tasks
import Testing

/// How two runs differ.
@Suite("Differences of runs")
struct DifferenceTests {
  private let experiment: Experiment

  init() async throws { experiment = try await Experiment() }

  /// Runs once as is, and once changed.
  private func difference(
    _ change: (inout Experiment.Options) -> Void
  ) async throws -> RunDifference {
    let first = try await experiment.run()
    var options = Experiment.Options()
    change(&options)
    let second = try await experiment.run(options)
    let tracer = Tracer(experiment.store, RunRecords(experiment.store))
    return try await RunComparison(experiment.store).compare(
      try await tracer.run(first),
      try await tracer.run(second)
    )
  }

  private func instance(
    _ id: String,
    _ difference: RunDifference
  ) throws -> InstanceDifference {
    try #require(difference.instances.first { $0.id == id })
  }

  @Test("runs of the same are identical, whatever the commit says")
  func identical() async throws {
    let difference = try await difference { $0.isDirty = true }
    #expect(difference.isIdentical)
    #expect(difference.common == 8)
    #expect(difference.first.git?.isDirty == false)
  }

  @Test(
    "a changed line of a template is shown, and what follows from it is not said to differ by itself"
  )
  func template() async throws {
    let difference = try await difference { $0.prompt = "{{question}}\nAnswer." }
    #expect(!difference.isIdentical)
    #expect(
      difference.instances.map(\.id) == ["prompt", "answers", "training", "score"]
    )
    let prompt = try instance("prompt", difference)
    #expect(prompt.files.map(\.name) == ["use"])
    #expect(
      prompt.texts.map(\.lines) == [
        ["- messages[0].content: Think.", "+ messages[0].content: Answer."]
      ]
    )
    let answers = try instance("answers", difference)
    #expect(answers.inputs == ["template"])
    #expect(answers.settings.isEmpty)
    #expect(answers.outputs.isEmpty)
    #expect(answers.rows == nil)
  }

  @Test("rows are matched by id: added, removed, changed")
  func data() async throws {
    let difference = try await difference { options in
      options.rows = [
        Experiment.Row(id: "row-1", question: "What is 1 + 1?", label: "2"),
        Experiment.Row(id: "row-3", question: "What is 3 plus 1?", label: "4"),
        Experiment.Row(id: "row-4", question: "What is 4 + 1?", label: "5"),
      ]
    }
    let rows = try #require(try instance("train", difference).rows)
    #expect(rows.added == ["row-4"])
    #expect(rows.removed == ["row-2"])
    #expect(rows.changed.map(\.id) == ["row-3"])
    #expect(rows.changed[0].old["question"] == "What is 3 + 1?")
    #expect(rows.common == 2)
  }

  @Test("labels and verdicts that flipped are named; figures are compared over common rows")
  func flips() async throws {
    let difference = try await difference { options in
      options.answer = { $0.id == "row-2" ? "It is 9." : "It is \($0.label)." }
      options.student = { $0.id == "row-2" ? "9" : $0.label }
      options.seed = 1
    }
    #expect(difference.settings.map(\.name) == ["seed"])
    #expect(difference.settings[0].old == 0)
    let labels = try #require(try instance("labels", difference).rows)
    #expect(labels.flips(of: "parse").map(\.id) == ["row-2"])
    let score = try instance("score", difference)
    #expect(score.rows?.flips(of: "evaluate").map(\.id) == ["row-2"])
    #expect(score.models.map(\.name) == ["model"])
    let figure = try #require(score.figures.first)
    #expect(figure.name == "accuracy.all")
    #expect(figure.n == 3)
    #expect(figure.first == 1)
    #expect(abs(figure.second - 2.0 / 3) < 1e-12)
    #expect(abs(figure.difference.value + 1.0 / 3) < 1e-12)
    #expect(figure.difference.low <= figure.difference.value)
    #expect(figure.difference.high <= 0)
  }

  @Test("a changed model of the server under the same name is seen")
  func served() async throws {
    let difference = try await difference { options in
      options.servedModel = "toll-2"
      options.seed = 1
    }
    let answers = try instance("answers", difference)
    #expect(answers.first.calls.servedModels == ["toll-1"])
    #expect(answers.second.calls.servedModels == ["toll-2"])
    #expect(difference.models.isEmpty)
  }
}
