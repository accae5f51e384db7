package import Diagnostics
package import Execution
import Primitives
import Tasks
package import Workflow

/// Looks for the decoding parameters, and the template, with which a model does best.
package enum Tune: Asking {
  package static let name = "tune"
  package static let version = 2
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.decoding, .template]
  package static let doc = """
    Tries points of decoding parameters on an evaluation set and keeps the best (equations 3 and 4 \
    of arXiv 2410.18588): every point of a `grid`, or `trials` points drawn at `random`. A list of \
    templates is one more axis (equation 5): each point is tried with each. Trial i depends on \
    `seed` and i alone, so more trials keep the earlier ones. Ties go to fewer completion tokens, \
    then to the earlier point. At temperature 0 points that differ only in top_p or top_k are one \
    trial. All trials are kept with their intervals, in the part `trials`.
    """

  package static let fields: [Field] =
    [
      CommonFields.model,
      Field(
        "template",
        .oneOrMany(.reference(.template, parts: [Part.prompt, Part.target, Part.reading])),
        required: true,
        "One template, or several to choose from."
      ),
      CommonFields.data,
      Field(
        "grid",
        .record([
          Field("temperature", .oneOrMany(.number(0...2)), "Temperatures to try."),
          Field("top_p", .oneOrMany(.number(0...1)), "Values of top_p to try."),
          Field("top_k", .oneOrMany(.integer(1...1_000_000)), "Values of top_k to try."),
          Field("max_tokens", .oneOrMany(.integer(1...1_000_000)), "Token limits to try."),
        ]),
        "Values of each decoding parameter; every combination is a trial."
      ),
      Field(
        "random",
        .record([
          Field("temperature", .oneOrMany(.number(0...2)), "A range `[0, 1.5]`, or one value."),
          Field("top_p", .oneOrMany(.number(0...1)), "A range, or one value."),
          Field("top_k", .oneOrMany(.integer(1...1_000_000)), "A range, or one value."),
          Field("max_tokens", .oneOrMany(.integer(1...1_000_000)), "A range, or one value."),
        ]),
        "Ranges that points are drawn from evenly, instead of `grid`; numbers have three decimals."
      ),
      Field("trials", .integer(1...10_000), "How many points `random` draws."),
      Field(
        "metric",
        .choice(TuneGoal.words),
        default: "accuracy.all",
        "What is to be best: a metric, which is its first figure, or `metric.figure`."
      ),
      Field(
        "direction",
        .choice(TuneGoal.Direction.allCases.map(\.rawValue)),
        "Whether the highest or the lowest figure is best. Without it the highest, and for `cost` "
          + "the lowest; `words` and `tokens` need it."
      ),
      CommonFields.samples,
      CommonFields.vote,
      CommonFields.seed,
      CommonFields.accept,
    ] + ScoringFields.all

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    let metric = settings.text("metric").map { String($0.prefix { $0 != "." }) }
    return searchProblems(instance) + goalProblems(instance) + sampleProblems(instance)
      + ScoringRule.check(instance, metrics: metric.map { [$0] } ?? [], in: plan)
  }

  private static func searchProblems(_ instance: Instance) -> [Problem] {
    let settings = instance.settings
    switch (settings["grid"], settings["random"]) {
    case (nil, nil):
      return [
        Problem(
          "'\(instance.node)' has neither 'grid' nor 'random', so there is nothing to try",
          at: instance.location,
          hint: "write 'grid: {temperature: [0, 0.7]}', or 'random: {temperature: [0, 1.5]}' with "
            + "'trials: 10'"
        )
      ]
    case (_?, let random?):
      return [
        Problem(
          "'\(instance.node)' has both 'grid' and 'random'; a search is one of them",
          at: random.location,
          hint: "remove one of the two"
        )
      ]
    case (_?, nil):
      guard let trials = settings["trials"] else { return [] }
      return [
        Problem(
          "'trials' says how many points 'random' draws, but '\(instance.node)' tries a grid",
          at: trials.location,
          hint: "remove 'trials': every combination of the grid is a trial"
        )
      ]
    case (nil, let random?):
      guard settings["trials"] != nil else {
        return [
          Problem(
            "'random' needs 'trials', the number of points to draw",
            at: random.location,
            hint: "add 'trials: 10'"
          )
        ]
      }
      return rangeProblems(random)
    }
  }

  private static func rangeProblems(_ random: SettingValue) -> [Problem] {
    guard case .map(let members) = random.kind else { return [] }
    return members.compactMap { member in
      guard let bounds = member.value.json?.array?.compactMap(\.number) else { return nil }
      if bounds.count <= 2, let low = bounds.first, let high = bounds.last, low <= high {
        return nil
      }
      let written = member.value.json?.compactText ?? ""
      return Problem(
        "'random.\(member.name)' is \(written), which is no range",
        at: member.value.location ?? random.location,
        hint: "write '[lowest, highest]', or one value that stands fast; 'grid' takes lists of "
          + "values"
      )
    }
  }

  private static func goalProblems(_ instance: Instance) -> [Problem] {
    guard TuneGoal(instance.settings) == nil else { return [] }
    let metric = instance.settings.text("metric") ?? ""
    return [
      Problem(
        "whether more or less of '\(metric)' is better is not known by itself",
        at: instance.settings["metric"]?.location ?? instance.location,
        hint: "add 'direction: lowest', or 'highest'"
      )
    ]
  }

  private static func sampleProblems(_ instance: Instance) -> [Problem] {
    let settings = instance.settings
    guard let samples = settings.integer("samples"), samples > 1 else { return [] }
    let isRandom = settings["random"] != nil
    let search = isRandom ? "random" : "grid"
    let temperatures = settings.json(search, "temperature")?.array?.compactMap(\.number)
    // A range that begins at 0 draws 0 itself once in a thousand times, and that is no sampling.
    guard temperatures?.contains(0) ?? true else { return [] }
    return [
      Problem(
        "'samples: \(samples)' with temperature 0 in the \(isRandom ? "range" : "grid") would draw "
          + "the same answer \(samples) times",
        at: settings["samples"]?.location ?? instance.location,
        hint: "write temperatures above 0 under '\(search)', or leave 'samples' out"
      )
    ]
  }
}
