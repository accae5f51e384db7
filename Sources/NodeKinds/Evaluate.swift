package import Diagnostics
package import Execution
import Tasks
package import Workflow

/// Scores a model, or completions that are there already, against gold labels.
package enum Evaluate: Asking {
  package static let name = "evaluate"
  package static let version = 1
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.scores]
  package static let doc = """
    Scores over the rows of a dataset with gold labels: a model's answers to a template, or (`of`) \
    completions or labels that exist. Accuracy always comes as two figures: `accuracy.all` over \
    all rows and `accuracy.parsed` over the rows whose answer could be read, each with a 95 % \
    bootstrap interval. Every row's result is kept.
    """
  package static let fields: [Field] = [
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
      "How the answers of `of` are read and compared; without it as their template says."
    ),
    Field(
      "metrics",
      .oneOrMany(.choice(metricNames)),
      "What to compute; accuracy where not written."
    ),
    CommonFields.samples,
    CommonFields.vote,
    CommonFields.seed,
    CommonFields.reroll,
    CommonFields.mode,
    CommonFields.accept,
  ]

  package static let derived = [
    DerivedInput("of.data", path: ["of", "data"], parts: [Part.rows]),
    DerivedInput("of.data", path: ["of", "completions", "data"], parts: [Part.rows]),
    DerivedInput("of.reading", path: ["of", "template"], parts: [Part.reading]),
    DerivedInput("of.reading", path: ["of", "completions", "template"], parts: [Part.reading]),
  ]

  /// Metrics that need nothing but the rows; prices and other models come with later kinds.
  static let metricNames = ["accuracy", "words", "tokens"]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    if let of = settings["of"] {
      return ofProblems(instance, of, in: plan)
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
      return SamplingRule.check(instance) + BatchRule.check(instance, in: plan)
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
    let readings = [["of", "template"], ["of", "completions", "template"]]
    let hasReading = readings.contains { plan.follow($0, from: instance) != nil }
    guard !hasReading, settings["as"] == nil else { return [] }
    return [
      Problem(
        "the answers that '\(instance.node)' scores were made with no template, so nothing says how "
          + "they are compared",
        at: of.location,
        hint: "add 'as:', one of \(Reading.forms.joined(separator: ", "))"
      )
    ]
  }
}
