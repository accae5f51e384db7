package import Diagnostics
package import Execution
import Primitives
import Tasks
package import Workflow

/// Has a model rate answers that exist, or the rows of a dataset.
package enum Judge: Asking {
  package static let name = "judge"
  package static let version = 1
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.scores]
  package static let doc = """
    Ratings by a model: of completions, each turn of a conversation for itself, or (`of` a dataset) \
    of its rows. With several templates a turn's rating is the mean of theirs, and it has one only \
    if each of them gave one. A judge's answer without a number in `range` is no rating: it is \
    counted, kept, and part of no figure. Mean and median, with 95 % intervals over whole \
    conversations; the judge's own words are kept with every row.
    """

  package static let fields: [Field] = [
    Field(
      "of",
      .reference(.completions, .dataset, parts: [Part.rows]),
      required: true,
      "Completions whose answers are rated, or a dataset whose rows are."
    ),
    CommonFields.model,
    Field(
      "template",
      .oneOrMany(.reference(.template, parts: [Part.prompt, Part.reading])),
      required: true,
      "One template or several. It may use the row's own fields and, of completions, `request` (what "
        + "the user said in the turn), `response` (the answer to be rated) and the list `history` "
        + "(`request` and `response` of the turns before)."
    ),
    Field(
      "range",
      .list(.number(-1_000_000...1_000_000)),
      required: true,
      "Lowest and highest rating: `[1, 5]`. Numbers outside are no ratings."
    ),
    CommonFields.decoding,
    CommonFields.samples,
    CommonFields.seed,
    CommonFields.reroll,
    CommonFields.mode,
    CommonFields.allowOverlap,
    Field(
      "accept",
      .list(.choice(ReadableStates.names)),
      "States of answers that are rated although the model did not end them by itself, such as "
        + "`[truncated]`. Without it they have no rating."
    ),
    Field(
      "fail_above",
      .percent,
      "Share of turns without a rating above which the node fails (exit code 3): `5%`."
    ),
  ]

  package static let derived = [
    DerivedInput("of.data", path: ["of", "data"], parts: [Part.rows], from: .completions),
    DerivedInput("of.prompt", path: ["of", "template"], parts: [Part.prompt], from: .completions),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    rangeProblems(instance) + SamplingRule.check(instance) + BatchRule.check(instance, in: plan)
  }

  private static func rangeProblems(_ instance: Instance) -> [Problem] {
    guard let bounds = instance.settings.json("range")?.array?.compactMap(\.number),
      bounds.count != 2 || bounds[0] >= bounds[1]
    else { return [] }
    return [
      Problem(
        "'range' must be two numbers, the lower first",
        at: instance.settings["range"]?.location ?? instance.location,
        hint: "write 'range: [1, 5]' for ratings from 1 to 5"
      )
    ]
  }

  /// Lowest and highest rating; the checker has seen to it that there are two.
  static func range(_ settings: Settings) -> ClosedRange<Double> {
    guard let bounds = settings.json("range")?.array?.compactMap(\.number), bounds.count == 2 else {
      preconditionFailure("BUG: a judge without a range")
    }
    return bounds[0]...bounds[1]
  }
}
