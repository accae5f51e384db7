package import Diagnostics
package import Execution
import Primitives
import Tasks
package import Workflow

/// Scores a model, or completions that are there already, against gold labels.
package enum Evaluate: Asking {
  package static let name = "evaluate"
  package static let version = 2
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.scores]
  package static let doc = """
    Scores over the rows of a dataset with gold labels: a model's answers to a template, or (`of`) \
    completions or labels that exist. Accuracy always comes as two figures: `accuracy.all` over \
    all rows and `accuracy.parsed` over the rows whose answer could be read, each with a 95 % \
    bootstrap interval. `cost` is USD for a thousand rows, from the tokens that the service counted. \
    Every row's result is kept.
    """
  package static let fields: [Field] =
    [
      Field("model", .reference(.model), "A model of the `models` section, or a fine-tune node."),
      Field(
        "template",
        .reference(.template, parts: [Part.prompt, Part.reading]),
        "The prompt, and how its answers are read."
      ),
      CommonFields.decoding,
      Field("data", .reference(.dataset, parts: [Part.rows]), "The rows, with gold labels."),
      Field(
        "of",
        .reference(.completions, .labels, parts: [Part.rows]),
        "Completions or labels to score instead of calling a model."
      ),
      Field(
        "as",
        .choice(Reading.forms),
        "How the answers of `of` are read and compared; without it as labels were read, or as the "
          + "completions' template says."
      ),
      Field(
        "metrics",
        .oneOrMany(.choice(Metrics.names)),
        "What to compute; accuracy where not written."
      ),
      CommonFields.samples,
      CommonFields.vote,
      CommonFields.seed,
      CommonFields.reroll,
      CommonFields.mode,
      CommonFields.accept,
      CommonFields.allowOverlap,
    ] + ScoringFields.all

  package static let derived = [
    DerivedInput("of.data", path: ["of", "data"], parts: [Part.rows]),
    DerivedInput("of.data", path: ["of", "completions", "data"], parts: [Part.rows]),
    // Labels say themselves how they were read, which `as` on their parse node may have changed.
    DerivedInput("of.own", path: ["of"], parts: [Part.reading]),
    DerivedInput("of.reading", path: ["of", "template"], parts: [Part.reading]),
    DerivedInput("of.prompt", path: ["of", "template"], parts: [Part.prompt]),
    DerivedInput("of.prompt", path: ["of", "completions", "template"], parts: [Part.prompt]),
  ]

  /// The metrics that settings name.
  static func metrics(_ settings: Settings) -> [String] {
    settings.json("metrics")?.array?.compactMap(\.string) ?? ["accuracy"]
  }

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    let scoring = ScoringRule.check(instance, metrics: metrics(settings), in: plan)
    if let of = settings["of"] {
      return ofProblems(instance, of, in: plan) + scoring
    }
    if let form = settings["as"] {
      return [
        Problem(
          "'as' says how the answers of 'of' are read; '\(instance.node)' reads as its template says",
          at: form.location,
          hint: "remove 'as', or change the template's 'answer'"
        )
      ]
    }
    let missing = ["model", "template", "data"].filter { settings[$0] == nil }
    guard !missing.isEmpty else {
      return SamplingRule.check(instance) + BatchRule.check(instance, in: plan) + scoring
    }
    return [
      Problem(
        "'\(instance.node)' lacks \(missing.map { "'\($0)'" }.joined(separator: ", "))",
        at: instance.location,
        hint: "an evaluation needs model, template and data; or 'of' for completions that exist"
      )
    ]
  }

  private static func ofProblems(
    _ instance: Instance,
    _ of: SettingValue,
    in plan: Expansion
  ) -> [Problem] {
    let settings = instance.settings
    if let clash = ["model", "template", "data", "decoding", "mode", "reroll"].first(where: {
      settings[$0] != nil
    }) {
      return [
        Problem(
          "'\(instance.node)' scores what 'of' names, so it takes no '\(clash)'",
          at: settings[clash]?.location ?? of.location,
          hint: "remove '\(clash)', or 'of'"
        )
      ]
    }
    return readingProblems(instance, of, in: plan) + ReadingRule.check(instance)
      + usageProblems(instance, of)
  }

  private static func readingProblems(
    _ instance: Instance,
    _ of: SettingValue,
    in plan: Expansion
  ) -> [Problem] {
    let isRead = isLabels(of) || plan.follow(["of", "template"], from: instance) != nil
    guard !isRead, instance.settings["as"] == nil else { return [] }
    return [
      Problem(
        "the answers that '\(instance.node)' scores were made with no template, so nothing says how "
          + "they are compared",
        at: of.location,
        hint: ReadingRule.hint
      )
    ]
  }

  /// What cannot be known of answers that exist.
  private static func usageProblems(_ instance: Instance, _ of: SettingValue) -> [Problem] {
    let metrics = metrics(instance.settings)
    if isLabels(of), let metric = metrics.first(where: { $0 == "tokens" || $0 == "cost" }) {
      return [
        Problem(
          "labels say nothing of tokens, so '\(instance.node)' cannot compute '\(metric)'",
          at: instance.settings["metrics"]?.location ?? of.location,
          hint: "score the completions that they were read from"
        )
      ]
    }
    guard metrics.contains("cost"), instance.settings["price"] == nil else { return [] }
    return [
      Problem(
        "'\(instance.node)' scores answers that exist, so nothing says what they cost",
        at: instance.settings["metrics"]?.location ?? of.location,
        hint: "add 'price: {input: …, output: …}', in USD per million tokens"
      )
    ]
  }

  private static func isLabels(_ of: SettingValue) -> Bool {
    if case .reference(.instance(_, as: .labels, _)) = of.kind { true } else { false }
  }
}
