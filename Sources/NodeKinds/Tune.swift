package import Diagnostics
package import Execution
import Primitives
import Tasks
package import Workflow

/// Looks for the decoding parameters, and the template, with which a model does best.
package enum Tune: Asking {
  package static let name = "tune"
  package static let version = 1
  package static let work = WorkClass.calls
  package static let outputs: [ArtifactType] = [.decoding, .template]
  package static let doc = """
    Tries every point of a grid of decoding parameters on an evaluation set and keeps the best \
    (equations 3 and 4 of arXiv 2410.18588); a list of templates is one more axis (equation 5). \
    Ties go to fewer completion tokens, then to the earlier point. At temperature 0 points that \
    differ only in top_p or top_k are one trial. All trials are kept.
    """
  package static let notYet = ["random", "trials"]

  package static let fields: [Field] = [
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
      required: true,
      "Values of each decoding parameter; every combination is a trial."
    ),
    Field(
      "metric",
      .choice(["accuracy", "accuracy.all", "accuracy.parsed"]),
      default: "accuracy.all",
      "What is to be highest; `accuracy` is `accuracy.all`."
    ),
    CommonFields.samples,
    CommonFields.vote,
    CommonFields.seed,
    CommonFields.accept,
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    guard let samples = instance.settings.integer("samples"), samples > 1 else { return [] }
    let temperatures = instance.settings.json("grid", "temperature")?.array
    guard temperatures?.contains(where: { $0.number == 0 }) ?? true else { return [] }
    return [
      Problem(
        "'samples: \(samples)' with temperature 0 in the grid would draw the same answer "
          + "\(samples) times",
        at: instance.settings["samples"]?.location ?? instance.location,
        hint: "write temperatures above 0 in the grid, or leave 'samples' out"
      )
    ]
  }
}
