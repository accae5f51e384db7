import Schedule
import Testing

@Suite struct ScheduleGraphTests {
  private func step(
    _ id: String,
    after dependencies: [String] = [],
    weight: Double = 1,
    pools: [String] = ["cpu"]
  ) -> ScheduleStep<String> {
    ScheduleStep(id: id, dependencies: dependencies, weight: weight, pools: pools)
  }

  @Test func theLongestRemainingPathStartsFirst() {
    var graph = ScheduleGraph(
      [
        step("short"), step("head"), step("middle", after: ["head"]),
        step("end", after: ["middle"], weight: 5),
      ],
      limits: ["cpu": 1]
    )
    #expect(graph.start() == "head")
    #expect(graph.start() == nil)
    graph.finish("head", succeeded: true)
    #expect(graph.start() == "middle")
    graph.finish("middle", succeeded: true)
    #expect(graph.start() == "end")
    graph.finish("end", succeeded: true)
    #expect(graph.start() == "short")
    graph.finish("short", succeeded: true)
    #expect(graph.isDone)
  }

  @Test func amongEqualsTheEarlierStartsFirst() {
    var graph = ScheduleGraph([step("b"), step("a"), step("c")], limits: ["cpu": 3])
    #expect([graph.start(), graph.start(), graph.start()] == ["b", "a", "c"])
  }

  @Test func aPoolLimitsWhatRunsAtOnce() {
    var graph = ScheduleGraph(
      [
        step("one", pools: ["cpu", "gpu"]), step("two", pools: ["cpu", "gpu"]), step("three"),
      ],
      limits: ["cpu": 2, "gpu": 1]
    )
    #expect(graph.start() == "one")
    #expect(graph.start() == "three")
    #expect(graph.start() == nil)
    graph.finish("one", succeeded: true)
    #expect(graph.start() == "two")
  }

  @Test func aFailureStopsOnlyWhatDependsOnIt() {
    var graph = ScheduleGraph(
      [
        step("bad"), step("good"), step("behind", after: ["bad"]),
        step("further", after: ["behind", "good"]), step("beside", after: ["good"]),
      ],
      limits: ["cpu": 2]
    )
    #expect(graph.start() == "bad")
    #expect(graph.start() == "good")
    #expect(Set(graph.finish("bad", succeeded: false)) == ["behind", "further"])
    graph.finish("good", succeeded: true)
    #expect(graph.start() == "beside")
    graph.finish("beside", succeeded: true)
    #expect(graph.isDone)
    #expect(graph.state(of: "further") == .skipped)
    #expect(graph.state(of: "beside") == .succeeded)
  }

  @Test func nothingStartsAfterStop() {
    var graph = ScheduleGraph([step("one"), step("two")], limits: ["cpu": 1])
    #expect(graph.start() == "one")
    graph.stop()
    #expect(graph.start() == nil)
    #expect(!graph.isDone)
    graph.finish("one", succeeded: true)
    #expect(graph.isDone)
  }

  @Test func aRunKeepsOrderAndReportsEveryStep() async {
    let steps = (0..<50).map { index in
      step("\(index)", after: index < 10 ? [] : ["\(index - 10)"])
    }
    var graph = ScheduleGraph(steps, limits: ["cpu": 4])
    var seen: [String] = []
    await graph.run(work: { _ in true }) { id, succeeded, _ in
      #expect(succeeded)
      if let number = Int(id), number >= 10 { #expect(seen.contains("\(number - 10)")) }
      seen.append(id)
      return true
    }
    #expect(seen.count == 50)
  }

  @Test func failFastLetsRunningStepsEnd() async {
    var graph = ScheduleGraph(
      (0..<20).map { step("\($0)") },
      limits: ["cpu": 1]
    )
    var ended = 0
    await graph.run(work: { $0 != "3" }) { _, succeeded, _ in
      ended += 1
      return succeeded
    }
    #expect(ended == 4)
  }
}
