import Diagnostics
import Primitives
import Testing
import Workflow

@Suite("Any workflow")
struct HostileWorkflowTests {
  private static let whole = """
    workflow: x
    parameters: {rows: 5, name: a}
    budget: 20 USD
    models:
      teacher: {embedded: tiny-teacher}
      big: {base_url: "https://example.net/v1", model: m, api_key: {env: K}, price: {input: 1, output: 2, as_of: 2024-01-31}}
    matrix:
      style: [vanilla, cot]
      who: [teacher, big]
      set: {a: {task: math, train: {format: jsonl, path: train.jsonl}}, b: {task: math, train: {}}}
    exclude: [{style: cot, who: big}]
    pools: {gpu: 1}
    nodes:
      train: {kind: dataset, with: set.train, limit: "${rows}"}
      prompt: {kind: select-template, use: "${set.task}/${style}", examples: {data: train, rows: 2}}
      best: {kind: tune, model: who, template: [prompt, math/cot], data: train, grid: {temperature: [0, 1]}}
      answers: {kind: generate, model: who, template: best, decoding: best, data: train}
      labels: {kind: parse, completions: answers@vanilla}
      training: {kind: substitute-labels, data: train, labels: labels, template: prompt@style=vanilla}
      tuned: {kind: fine-tune, model: teacher, data: training, epochs: 3}
      score: {kind: evaluate, model: tuned, template: prompt, data: train, each: [style, who, set]}
      make: {kind: command, shell: "x ${name} $${y}", outputs: {a: b}, inputs: {S: score, P: {path: train.jsonl}}}
      t: {kind: table, rows: set, over: style, columns: {one: score, two: score@vanilla}, title: "${who}"}

    """

  @Test("gives instances or problems, never a trap")
  func mutations() {
    #expect(Checked(Self.whole).problems.filter { $0.severity == .error } == [])
    var random = SeededGenerator(seed: 3)
    let words = Self.whole.split { " \n{}[],:\"".contains($0) }.map(String.init)
    var clean = 0
    for _ in 0..<500 {
      let problems = Checked(Self.mutated(words, with: &random)).problems
      if !problems.contains(where: { $0.severity == .error }) { clean += 1 }
      for problem in problems {
        #expect(problem.location == nil || problem.location?.file == "/w/plan.yaml")
      }
    }
    // Mutations that break everything would test nothing but the first check.
    #expect(clean > 10)
  }

  /// The workflow with a few lines gone, doubled or with another of its words in them.
  private static func mutated(_ words: [String], with random: inout SeededGenerator) -> String {
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0...random.below(3) {
      let line = random.below(lines.count)
      let other = random.below(lines.count)
      switch random.below(6) {
      case 0: lines.remove(at: line)
      case 1: lines.insert(lines[other], at: line)
      default:
        let new = words[random.below(words.count)]
        let own = lines[line].split { " {}[],:\"".contains($0) }
        guard !own.isEmpty else { continue }
        lines[line] = lines[line].replacing(own[random.below(own.count)], with: new)
      }
    }
    return lines.joined(separator: "\n")
  }

  @Test("may be a chain of thousands of nodes, or a circle of them")
  func longChain() throws {
    func text(_ count: Int, first: String) -> String {
      var text = "nodes:\n  n0: {kind: dataset, \(first)}\n"
      for index in 1..<count { text += "  n\(index): {kind: dataset, data: n\(index - 1)}\n" }
      return text
    }
    let chain = try Checked(text(2_000, first: "format: jsonl, path: train.jsonl")).workflow()
    #expect(chain.expansion.instances.count == 2_000)
    let circle = Checked(text(2_000, first: "data: n1999")).problems
    #expect(circle.count == 1)
    #expect(circle.first?.message.hasPrefix("the nodes need each other in a circle") == true)
  }

  @Test("with a wide matrix is expanded without trouble")
  func wideMatrix() throws {
    let values = (1...100).map(String.init).joined(separator: ", ")
    let workflow = try Checked(
      """
      matrix: {a: [\(values)], b: [\(values)]}
      nodes:
        d: {kind: dataset, format: jsonl, path: train.jsonl, limit: "${a}"}
        e: {kind: dataset, data: d, skip: "${b}"}
      """
    ).workflow()
    #expect(workflow.expansion.instances.count == 10_100)
  }
}
