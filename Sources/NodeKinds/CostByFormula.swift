package import Diagnostics
package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

/// What a thousand rows cost by stated token counts, where nothing was run.
package enum CostByFormula: RunnableKind {
  package static let name = "cost"
  package static let version = 1
  package static let work = WorkClass.preparation
  package static let outputs: [ArtifactType] = [.scores]
  package static let doc = """
    Scores with the one figure `cost.per_thousand`, USD for a thousand rows, by formula: prompt tokens \
    times the input price and answer tokens times the output price, for so many calls a row. Nothing \
    is asked. What a run really cost is the metric `cost` of `evaluate`.
    """

  package static let fields: [Field] = [
    Field(
      "model",
      .reference(.model),
      "The model whose price counts; it is not asked anything."
    ),
    Field(
      "price",
      .record([
        Field("input", .number(0...1_000_000), required: true, "USD per million prompt tokens."),
        Field("output", .number(0...1_000_000), required: true, "USD per million answer tokens."),
      ]),
      "A price instead of a model's."
    ),
    Field(
      "prompt_tokens",
      .oneOrMany(.number(0...1_000_000_000)),
      required: true,
      "Tokens of a prompt, on average; of a list the sum: `[instructions, document]`."
    ),
    Field(
      "completion_tokens",
      .oneOrMany(.number(0...1_000_000_000)),
      required: true,
      "Tokens of an answer, on average; of a list the sum."
    ),
    Field("calls", .integer(1...1000), default: 1, "How many such calls a row takes."),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    switch (settings["model"], settings["price"]) {
    case (nil, nil):
      return [
        Problem(
          "'\(instance.node)' has neither 'model' nor 'price', so nothing says what a token costs",
          at: instance.location,
          hint: "name a model that has a price, or write 'price: {input: …, output: …}'"
        )
      ]
    case (_?, let price?):
      return [
        Problem(
          "'\(instance.node)' has both 'model' and 'price'; one of them says what a token costs",
          at: price.location,
          hint: "remove one of the two"
        )
      ]
    case (nil, _?): return []
    case (let model?, nil):
      return ModelUse.all(of: instance, in: plan).compactMap { use in
        guard case .endpoint = use.model.source,
          use.model.price?.input == nil || use.model.price?.output == nil
        else { return nil }
        return Problem(
          "model '\(use.model.name)' has no price to reckon with",
          at: model.location,
          hint: "add 'price: {input: …, output: …}' to it, in USD per million tokens",
          notes: [Problem.Note("the model", at: use.model.location)]
        )
      }
    }
  }

  /// The price is what this kind reckons with, so it stands in its key, unlike that of other kinds.
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([("price", ScoringRule.price(inputs)?.json ?? .null)])
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    guard let price = ScoringRule.price(inputs) else {
      throw NodeFailure("'\(inputs.instance.id)' has no price to reckon with")
    }
    let cost = perThousand(inputs.settings, price)
    let summary = MetricSummary(
      name: Cost.name,
      figures: [
        MetricSummary.Named(
          Cost.figures[0],
          // What is stated is exact: its interval is a point.
          Figure(value: cost, low: cost, high: cost)
        )
      ],
      n: 0,
      invalid: 0
    )
    try await output.put(
      Part.summary,
      [
        "rows": 0, "invalid": 0, "metrics": .object(JSONObject([(Cost.name, summary.json)])),
        "price": price.json, "stated": true,
      ]
    )
    await output.add(Part.rows, try await services.objects.put(""))
    return NodeOutcome(
      facts: JSONObject([("\(Cost.name).\(Cost.figures[0])", .number(cost))])
    )
  }

  /// USD for a thousand rows; tokens times USD per million is millionths of a dollar for one row.
  private static func perThousand(_ settings: Settings, _ price: Price) -> Double {
    let calls = Double(settings.integer("calls") ?? 1)
    let prompt = sum(settings.json("prompt_tokens"))
    let completion = sum(settings.json("completion_tokens"))
    return calls * (prompt * price.input + completion * price.output) / 1000
  }

  private static func sum(_ numbers: JSON?) -> Double {
    numbers?.array?.reduce(0) { $0 + ($1.number ?? 0) } ?? 0
  }
}
