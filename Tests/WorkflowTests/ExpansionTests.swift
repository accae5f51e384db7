import Diagnostics
import Primitives
import Testing
import Workflow

@Suite("Instances of a workflow")
struct ExpansionTests {
  private static let models = """
    models:
      teacher: {embedded: tiny-teacher}
      student: {embedded: tiny-student}

    """
  private static let head =
    models + """
      matrix: {style: [vanilla, cot], seed: [1, 2]}
      nodes:
        train: {kind: dataset, format: jsonl, path: train.jsonl}
        prompt: {kind: select-template, use: "math/${style}"}
        answers: {kind: generate, model: teacher, template: prompt, data: train}
        labels: {kind: parse, completions: answers}

      """

  @Test("stand behind what they refer to, templates of the library first")
  func minimal() throws {
    let workflow = try Checked(
      Self.models + """
        nodes:
          after: {kind: evaluate, model: distilled, template: math/vanilla, data: train}
          distilled: {kind: fine-tune, model: student, data: training}
          training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
          labels: {kind: parse, completions: answers}
          answers: {kind: generate, model: teacher, template: math/cot, data: train}
          train: {kind: dataset, format: jsonl, path: train.jsonl}
        """
    ).workflow()
    #expect(
      workflow.ids == [
        "math/vanilla", "math/cot", "train", "answers", "labels", "training", "distilled", "after",
      ]
    )
    #expect(workflow.name == "plan")
    #expect(workflow.nodes.map(\.name).first == "after")
    #expect(workflow.warnings.isEmpty)
    let answers = try workflow.instance("answers").settings
    #expect(answers.reference("model") == .model("teacher"))
    #expect(
      answers.reference("template")
        == .instance(InstanceID("math/cot"), as: .template, output: nil)
    )
    #expect(answers.integer("seed") == 0)
    #expect(answers["seed"]?.location == nil)
    #expect(try workflow.instance("math/cot").settings.text("use") == "math/cot")
    #expect(try workflow.instance("train").settings.path("path") == "/w/train.jsonl")
  }

  @Test("take their axes from what they mention and refer to")
  func inference() throws {
    let workflow = try Checked(
      Self.head + """
          training: {kind: substitute-labels, data: train, labels: labels, template: prompt@vanilla}
          distilled: {kind: fine-tune, model: student, data: training, seed: "${seed}"}
        """
    ).workflow()
    let ids = workflow.ids
    #expect(ids.filter { $0.hasPrefix("labels") } == ["labels@vanilla", "labels@cot"])
    #expect(ids.filter { $0.hasPrefix("training") } == ["training@vanilla", "training@cot"])
    #expect(
      ids.filter { $0.hasPrefix("distilled") } == [
        "distilled@vanilla@1", "distilled@vanilla@2", "distilled@cot@1", "distilled@cot@2",
      ]
    )
    let training = try workflow.instance("training@cot").settings
    #expect(training.reference("labels")?.instance?.text == "labels@cot")
    #expect(training.reference("template")?.instance?.text == "prompt@vanilla")
    #expect(try workflow.instance("distilled@cot@2").settings.integer("seed") == 2)
    #expect(try workflow.instance("prompt@cot").settings.text("use") == "math/cot")
    let summary = try #require(workflow.nodes.last)
    #expect(summary.axes.map(\.name) == ["style", "seed"])
    #expect(summary.axes.map(\.count) == [2, 2])
    #expect(summary.instances.count == 4)
  }

  @Test("follow an axis to the nodes, models and templates that are its values")
  func bareAxis() throws {
    let workflow = try Checked(
      Self.models + """
        matrix: {who: [teacher, student], how: [math/cot, short], rows: [train]}
        nodes:
          train: {kind: dataset, format: jsonl, path: train.jsonl}
          short: {kind: select-template, use: math/vanilla}
          answers: {kind: generate, model: who, template: how, data: rows}
        """
    ).workflow()
    #expect(
      workflow.ids.filter { $0.hasPrefix("answers") } == [
        "answers@teacher@math-cot@train", "answers@teacher@short@train",
        "answers@student@math-cot@train", "answers@student@short@train",
      ]
    )
    let settings = try workflow.instance("answers@student@math-cot@train").settings
    #expect(settings.reference("model") == .model("student"))
    #expect(settings.reference("template")?.instance?.text == "math/cot")
    #expect(settings.reference("data")?.instance?.text == "train")
  }

  @Test("inherit the axes of the nodes that an axis names")
  func axisOfNodes() throws {
    let workflow = try Checked(
      Self.models + """
        matrix: {seed: [1, 2], source: [plain, mixed]}
        nodes:
          plain: {kind: dataset, format: jsonl, path: train.jsonl}
          mixed: {kind: dataset, data: plain, shuffle: "${seed}"}
          answers: {kind: generate, model: teacher, template: math/cot, data: source}
        """
    ).workflow()
    #expect(
      workflow.ids.filter { $0.hasPrefix("answers") } == [
        "answers@1@plain", "answers@1@mixed", "answers@2@plain", "answers@2@mixed",
      ]
    )
    #expect(
      try workflow.instance("answers@2@mixed").settings.reference("data")?.instance?.text
        == "mixed@2"
    )
  }

  @Test("read settings of a map axis, merged by 'with' and put in by '${…}'")
  func mapAxis() throws {
    let workflow = try Checked(
      Self.models + """
        parameters: {rows: 5}
        matrix:
          set:
            a: {task: math, train: {format: jsonl, path: train.jsonl, limit: "${rows}"}}
            b: {task: math, train: {format: csv, path: /elsewhere/data.csv, fields: {x: "${set}"}}}
        nodes:
          train: {kind: dataset, with: set.train, shuffle: 7}
          answers: {kind: generate, model: teacher, template: "${set.task}/cot", data: train}
        """
    ).workflow()
    let first = try workflow.instance("train@a").settings
    #expect(first.path("path") == "/w/train.jsonl")
    #expect(first.integer("limit") == 5)
    #expect(first.integer("shuffle") == 7)
    let second = try workflow.instance("train@b").settings
    #expect(second.path("path") == "/elsewhere/data.csv")
    #expect(second.json("fields") == ["x": "b"])
    #expect(second["limit"] == nil)
    #expect(
      try workflow.instance("answers@b").settings.reference("data")?.instance?.text == "train@b"
    )
  }

  @Test("collect all points of a wide reference, or those of their own")
  func wide() throws {
    let scores = """
        score: {kind: evaluate, model: teacher, template: prompt, data: train}

      """
    let one = try Checked(
      Self.head + scores + "  t: {kind: table, rows: style, columns: [score, score@cot]}"
    ).workflow()
    #expect(
      Self.columns(try one.instance("t")) == [["score@vanilla", "score@cot"], ["score@cot"]]
    )

    let split = try Checked(
      Self.head + scores + "  t: {kind: table, each: [style], columns: {all: score}, title: x}"
    ).workflow()
    #expect(split.ids.suffix(2) == ["t@vanilla", "t@cot"])
    guard case .map(let members) = try split.instance("t@cot").settings["columns"]?.kind,
      case .wide(let targets) = members.first?.value.kind
    else {
      Issue.record("columns are no map of wide references")
      return
    }
    #expect(targets.map { $0.instance?.text } == ["score@cot"])
  }

  private static func columns(_ table: Instance) -> [[String]] {
    guard case .list(let columns) = table.settings["columns"]?.kind else { return [] }
    return columns.map { column in
      guard case .wide(let targets) = column.kind else { return [] }
      return targets.compactMap { $0.instance?.text }
    }
  }

  @Test("leave out excluded points, seen from the axes they have")
  func exclusion() throws {
    let head = Self.head.replacing(
      "nodes:\n",
      with: "exclude: [{style: vanilla, seed: [1, 2]}]\nnodes:\n"
    )
    let workflow = try Checked(head + "  more: {kind: dataset, data: train, shuffle: \"${seed}\"}")
      .workflow()
    #expect(workflow.ids.filter { $0.hasPrefix("labels") } == ["labels@cot"])
    #expect(workflow.ids.filter { $0.hasPrefix("more") } == ["more@1", "more@2"])
  }

  @Test("are repeated by a wider 'each'")
  func each() throws {
    let workflow = try Checked(
      Self.head + "  more: {kind: dataset, each: [seed], data: train, limit: 3}"
    ).workflow()
    #expect(workflow.ids.suffix(2) == ["more@1", "more@2"])
  }

  @Test("have typed values from '${…}', and texts from texts with it")
  func substitution() throws {
    let workflow = try Checked(
      Self.models + """
        parameters: {rows: 5, name: x, share: 0.5, flag: true}
        nodes:
          train:
            kind: dataset
            format: jsonl
            path: train.jsonl
            limit: ${rows}
            share: "${share}"
            strict: ${flag}
            fields: {a: "${name}-${rows}", b: "$${name}", c: "${rows}"}
            note: [{deep: "${rows}"}, "${name}"]
        """,
      set: ["rows": "7"]
    ).workflow()
    let settings = try workflow.instance("train").settings
    #expect(settings.integer("limit") == 7)
    #expect(settings.number("share") == 0.5)
    #expect(settings.bool("strict") == true)
    #expect(settings.json("fields") == ["a": "x-7", "b": "${name}", "c": "7"])
    #expect(settings.json("note") == [["deep": 7], "x"])
    #expect(workflow.parameters["rows"] == 7)
  }

  @Test("have names without characters that a path could not bear")
  func slugs() throws {
    let workflow = try Checked(
      """
      matrix: {x: ["a/b", "a b", "..", é, 0.5]}
      nodes: {d: {kind: dataset, format: jsonl, path: train.jsonl, fields: {a: "${x}"}}}
      """
    ).workflow()
    #expect(workflow.ids == ["d@a-b", "d@a-b-2", "d@value", "d@value-2", "d@0.5"])
    #expect(try workflow.instance("d@a-b").point["x"] == "a/b")
  }

  @Test("take outputs of commands by name")
  func outputs() throws {
    let workflow = try Checked(
      """
      nodes:
        make: {kind: command, shell: "x", outputs: {log: out.txt}}
        use: {kind: command, shell: "y", inputs: {A: make.log, B: make, C: {path: train.jsonl}}}
      """
    ).workflow()
    guard case .map(let inputs) = try workflow.instance("use").settings["inputs"]?.kind else {
      Issue.record("inputs are no map")
      return
    }
    guard case .reference(let first) = inputs[0].value.kind else {
      Issue.record("A is no reference")
      return
    }
    #expect(first == .instance(InstanceID("make"), as: .files, output: "log"))
  }
}
