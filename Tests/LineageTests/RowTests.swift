import Lineage
import ModelService
import Primitives
import Store
import Tasks
import Testing

/// One row, from the student's answer to the rows that taught it.
@Suite("Trails of rows")
struct RowTests {
  private let experiment: Experiment

  init() async throws { experiment = try await Experiment() }

  private func rows(
    _ name: String,
    _ row: String,
    _ run: String,
    training: Int? = nil
  ) async throws -> [RowTrail] {
    let tracer = Tracer(experiment.store, RunRecords(experiment.store))
    let record = try await tracer.run(run)
    let trail = try await tracer.trail(of: tracer.instance(name, in: record), in: record)
    return try await RowTracer(tracer, trail, trainingRows: training).row(row)
  }

  @Test("a score leads to its call, its row of the file, and every training row's answer")
  func score() async throws {
    var options = Experiment.Options()
    options.student = { $0.id == "row-2" ? "9" : $0.label }
    let run = try await experiment.run(options)
    let row = try #require(try await rows("score", "row-2", run).first)
    #expect(row.number == 2)
    #expect(row.value["state"] == "wrong")
    #expect(row.reading == ["as": "number"])
    // The file begins with an empty line, which is no row.
    #expect(row.data?.place?.line == 3)
    #expect(row.data?.place?.row == 2)
    #expect(row.data?.file?.paths == ["/p/rows.jsonl"])
    #expect(row.data?.record.label == "3")

    let call = try #require(row.calls.first)
    #expect(row.calls.count == 1)
    #expect(call.text == "9")
    #expect(call.read?.value == "9")
    #expect(call.tunedBy == "distilled")
    #expect(call.attempt?.servedModel == "toll-1")
    #expect(call.attempt?.cost == Money(usd: 0.25))
    #expect(call.origin?.runID == run)
    #expect(call.call.request.messages[0].content == "What is 2 + 1?\nThink.")

    let tuning = try #require(row.tuning)
    #expect(tuning.step.name == "distilled")
    #expect(tuning.ids == ["row-1", "row-2", "row-3"])
    #expect(tuning.rows.map(\.id) == tuning.ids)
    for taught in tuning.rows {
      let label = try #require(taught.parents.first)
      #expect(label.step.name == "labels")
      #expect(label.value["label"] == label.value["strict"] || label.value["strict"] == .null)
      let answer = try #require(label.parents.first)
      #expect(answer.step.name == "answers")
      #expect(answer.calls.first?.text == answer.value["text"]?.string)
      #expect(answer.calls.first?.model?.declared.map(\.name) == ["teacher"])
    }
  }

  @Test("a row is named by its id before its number; of training rows the first are followed")
  func selection() async throws {
    var options = Experiment.Options()
    options.rows = [
      Experiment.Row(id: "2", question: "a", label: "1"),
      Experiment.Row(id: "x", question: "b", label: "2"),
    ]
    let run = try await experiment.run(options)
    #expect(try await rows("score", "2", run).map(\.id) == ["2"])
    #expect(try await rows("score", "1", run).map(\.id) == ["2"])
    #expect(try await rows("score", "x", run, training: 1)[0].tuning?.rows.count == 1)
    #expect(try await rows("score", "x", run, training: 1)[0].tuning?.ids.count == 2)
    await #expect(throws: LineageError.self) { try await rows("score", "3", run) }
    await #expect(throws: LineageError.self) { try await rows("prompt", "1", run) }
  }

  @Test("labels, completions, training rows and data rows are followed, too")
  func kinds() async throws {
    let run = try await experiment.run()
    let label = try await rows("labels", "1", run)[0]
    #expect(label.parents.map { $0.step.name } == ["answers"])
    #expect(label.calls.isEmpty)
    let training = try await rows("training", "row-3", run)[0]
    #expect(training.number == 3)
    #expect(training.parents.map { $0.step.name } == ["labels"])
    #expect(training.tuning == nil)
    let data = try await rows("train", "row-1", run)[0]
    #expect(data.data?.place?.line == 2)
    #expect(data.calls.isEmpty)
  }

  @Test("a call that another run paid for is told with that run")
  func reusedCall() async throws {
    let first = try await experiment.run()
    var options = Experiment.Options()
    options.rows = Experiment.rows(4)
    let second = try await experiment.run(options)
    #expect(try await rows("answers", "row-1", second)[0].calls[0].origin?.runID == first)
    #expect(try await rows("answers", "row-4", second)[0].calls[0].origin?.runID == second)
  }

  @Test("each turn of a conversation leads to its call, behind the answers before it")
  func conversation() async throws {
    var options = Experiment.Options()
    options.secondTurn = "Sure?"
    let run = try await experiment.run(options)
    let answered = try await rows("answers", "row-2", run)[0].calls
    #expect(answered.map(\.text) == ["It is 3.", "It is 3."])
    #expect(answered.allSatisfy { $0.origin?.runID == run })
    #expect(
      answered[1].call.request.messages.map(\.content) == ["What is 2 + 1?", "It is 3.", "Sure?"]
    )
    // Scores keep no answers: the turns are followed through the ledger.
    let scored = try await rows("score", "row-2", run)[0].calls
    #expect(scored.map { $0.call.request.messages.count } == [1, 3])
    #expect(scored.map(\.text) == ["3", "3"])
  }

  @Test("a call that the ledger does not have is told as such, by the key that it would have")
  func missingCall() async throws {
    var options = Experiment.Options()
    options.keepsCalls = false
    let run = try await experiment.run(options)
    let call = try await rows("answers", "row-1", run)[0].calls[0]
    #expect(call.detail == nil)
    #expect(call.attempt == nil)
    #expect(try await experiment.store.ledger.request(of: call.call.key) == nil)
  }
}
