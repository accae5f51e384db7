import Diagnostics
import Primitives
import Workflow

/// Kinds in the shape of the real ones, which this module cannot see.
enum TestKinds {
  static let all: [any NodeKind.Type] = [
    DatasetKind.self, TemplateKind.self, TuneKind.self, GenerateKind.self, ParseKind.self,
    TrainingSetKind.self, FineTuneKind.self, EvaluateKind.self, TableKind.self, CommandKind.self,
  ]

  static let language = Language(
    kinds: all,
    notYet: NotYet(
      kinds: ["judge": "grade the answers elsewhere"],
      values: ["svamp"],
      templates: ["chat/vanilla"]
    )
  )

  static let model = Field("model", .reference(.model), required: true, "The model.")
  static let template = Field(
    "template",
    .reference(.template, parts: ["prompt"]),
    required: true,
    "The template."
  )
  static let data = Field("data", .reference(.dataset), required: true, "The rows.")
}

enum DatasetKind: NodeKind {
  static let name = "dataset"
  static let version = 1
  static let doc = "Rows."
  static let outputs: [ArtifactType] = [.dataset]
  static let notYet = ["url"]
  static let fields: [Field] = [
    Field("format", .choice(["csv", "jsonl"]), "The reader."),
    Field("path", .path, "The file."),
    Field("data", .reference(.dataset), "Another dataset."),
    Field("fields", .map(.text), "Columns."),
    Field("shuffle", .integer(0...Int64.max), "Seed."),
    Field("skip", .integer(0...Int64.max), default: 0, "Rows left out."),
    Field("limit", .integer(1...Int64.max), "Rows taken."),
    Field("share", .percent, "A share of the rows."),
    Field("strict", .boolean, default: false, "Whether to be strict."),
    Field("note", .any, inKey: false, "Anything."),
  ]
}

enum TemplateKind: NodeKind {
  static let name = "select-template"
  static let version = 1
  static let doc = "A template."
  static let outputs: [ArtifactType] = [.template]
  static let fields: [Field] = [
    Field("use", .text, "A library template."),
    Field("file", .path, "A file."),
    Field(
      "examples",
      .record([
        Field("data", .reference(.dataset), required: true, "Where from."),
        Field("rows", .integer(0...100), required: true, "How many."),
        Field("seed", .integer(0...Int64.max), default: 0, "Seed."),
      ]),
      "Worked examples."
    ),
  ]
}

enum TuneKind: NodeKind {
  static let name = "tune"
  static let version = 1
  static let doc = "A search."
  static let outputs: [ArtifactType] = [.decoding, .template]
  static let fields: [Field] = [
    TestKinds.model, TestKinds.data,
    Field("template", .oneOrMany(.reference(.template)), required: true, "Templates."),
    Field(
      "grid",
      .record([Field("temperature", .oneOrMany(.number(0...2)), "Temperatures.")]),
      required: true,
      "Values to try."
    ),
  ]
}

enum GenerateKind: NodeKind {
  static let name = "generate"
  static let version = 1
  static let doc = "Answers."
  static let outputs: [ArtifactType] = [.completions]
  static let fields: [Field] = [
    TestKinds.model, TestKinds.template, TestKinds.data,
    Field(
      "decoding",
      .either([
        .reference(.decoding), .record([Field("temperature", .number(0...2), default: 0.0, "T.")]),
      ]),
      "How answers are drawn."
    ),
    Field("seed", .integer(0...1_000), default: 0, "Seed."),
    Field("timeout", .duration, inKey: false, "Time limit."),
  ]
}

enum ParseKind: NodeKind {
  static let name = "parse"
  static let version = 1
  static let doc = "Labels."
  static let outputs: [ArtifactType] = [.labels]
  static let fields: [Field] = [
    Field("completions", .reference(.completions), required: true, "Answers.")
  ]

  /// A rule over several instances, to see that it is asked only of what is right.
  static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    guard plan.follow(["completions", "template"], from: instance) == nil else { return [] }
    return [Problem("no template behind '\(instance.node)'", at: instance.location)]
  }
}

enum TrainingSetKind: NodeKind {
  static let name = "substitute-labels"
  static let version = 1
  static let doc = "A training set."
  static let outputs: [ArtifactType] = [.trainingSet]
  static let fields: [Field] = [
    TestKinds.data, TestKinds.template,
    Field("labels", .reference(.labels), required: true, "Labels."),
    Field(
      "keep",
      .record([
        Field(
          "agreeing_with",
          .list(.either([.choice(["gold"]), .reference(.labels)])),
          required: true,
          "Labels to agree with."
        )
      ]),
      "Which rows to keep."
    ),
  ]
}

enum FineTuneKind: NodeKind {
  static let name = "fine-tune"
  static let version = 1
  static let doc = "A model."
  static let outputs: [ArtifactType] = [.model]
  static let fields: [Field] = [
    TestKinds.model,
    Field("data", .reference(.trainingSet), required: true, "Rows."),
    Field("epochs", .integer(1...1_000), default: 5, "Passes."),
    Field("learning_rate", .number(1e-9...1), "Rate."),
    Field("seed", .integer(0...1_000), default: 0, "Seed."),
  ]
}

enum EvaluateKind: NodeKind {
  static let name = "evaluate"
  static let version = 1
  static let doc = "Scores."
  static let outputs: [ArtifactType] = [.scores]
  static let fields: [Field] = [TestKinds.model, TestKinds.template, TestKinds.data]
}

enum TableKind: NodeKind {
  static let name = "table"
  static let version = 1
  static let doc = "A table."
  static let outputs: [ArtifactType] = [.table]
  static let fields: [Field] = [
    Field("title", .text, "Heading."),
    Field("rows", .axis, "Rows."),
    Field("over", .oneOrMany(.axis), "Averaged axes."),
    Field(
      "columns",
      .either([.list(.reference(.scores, isWide: true)), .map(.reference(.scores, isWide: true))]),
      required: true,
      "Scores."
    ),
    Field("save", .text, inKey: false, "Where to."),
  ]
}

enum CommandKind: NodeKind {
  static let name = "command"
  static let version = 1
  static let doc = "A program."
  static let outputs: [ArtifactType] = [.files]
  static let fields: [Field] = [
    Field("shell", .text, required: true, "The line."),
    Field(
      "inputs",
      .map(
        .either([
          .record([Field("path", .path, required: true, "A file.")]),
          .reference(FieldType.Reference(ArtifactType.allCases)),
        ])
      ),
      "What it reads."
    ),
    Field("outputs", .map(.text), "What it makes."),
  ]
}
