import Diagnostics
import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

/// What metrics need besides answers and gold labels: whether it is there, and what of it is in keys.
enum ScoringRule {
  /// Which metric each field is for.
  private static let purposes: [(field: String, metric: String)] = [
    ("agreement_with", "agreement"), ("document", "entity_density"),
    ("recogniser", "entity_density"), ("price", "cost"),
  ]

  /// Problems of the fields that metrics need.
  static func check(
    _ instance: Instance,
    metrics: [String],
    in plan: Expansion
  ) -> [Problem] {
    let settings = instance.settings
    var problems: [Problem] = purposes.compactMap { field, metric in
      guard let value = settings[field], !metrics.contains(metric) else { return nil }
      return Problem(
        "'\(field)' is for the metric '\(metric)', which '\(instance.node)' does not compute",
        at: value.location,
        hint: "remove '\(field)', or name the metric"
      )
    }
    if metrics.contains("agreement"), settings["agreement_with"] == nil {
      problems.append(
        Problem(
          "the metric 'agreement' needs 'agreement_with', the labels to compare with",
          at: (settings["metrics"] ?? settings["metric"])?.location ?? instance.location,
          hint: "add 'agreement_with:' with a parse node behind the other model's answers"
        )
      )
    }
    if let command = settings["recogniser"]?.member("command"), command.json?.array?.isEmpty == true
    {
      problems.append(
        Problem(
          "'recogniser.command' is empty",
          at: command.location,
          hint: "the program's name comes first"
        )
      )
    }
    return problems + priceProblems(instance, metrics, in: plan)
  }

  /// A cost without a price would be a dash in every table: said before anything is paid.
  private static func priceProblems(
    _ instance: Instance,
    _ metrics: [String],
    in plan: Expansion
  ) -> [Problem] {
    guard metrics.contains("cost"), instance.settings["price"] == nil else { return [] }
    return ModelUse.all(of: instance, in: plan).compactMap { use in
      guard case .endpoint = use.model.source,
        use.model.price?.input == nil || use.model.price?.output == nil
      else { return nil }
      return Problem(
        "model '\(use.model.name)' has no price, so the metric 'cost' of '\(instance.node)' will be "
          + "unknown",
        at: (instance.settings["metrics"] ?? instance.settings["metric"])?.location
          ?? instance.location,
        severity: .warning,
        hint: "add 'price: {input: …, output: …}' to the model, in USD per million tokens",
        notes: [Problem.Note("the model", at: use.model.location)]
      )
    }
  }

  /// What the results of metrics depend on besides the inputs: their versions, the recogniser, and
  /// for `cost` the price, which stands in no other key.
  static func versions(
    of metrics: [String],
    _ inputs: Inputs
  ) -> [(name: String, value: JSON)] {
    var versions = metrics.map { name in
      (name: "metric.\(name)", value: JSON(Metrics.named(name)?.version ?? 0))
    }
    if metrics.contains("entity_density"), inputs.settings["recogniser"] == nil {
      versions.append(("recogniser", .string(BuiltInRecogniser().identity)))
    }
    if metrics.contains("cost") {
      versions.append(("price", price(inputs)?.json ?? .null))
    }
    return versions
  }

  /// The price to reckon with: the node's own, else the model's; nil where neither is known.
  static func price(_ inputs: Inputs) -> Price? {
    if let stated = inputs.settings.json("price") {
      guard let input = stated["input"]?.number, let output = stated["output"]?.number else {
        return nil
      }
      return Price(input: input, output: output)
    }
    guard let pricing = inputs.model("model")?.pricing, let input = pricing.input,
      let output = pricing.output
    else { return nil }
    return Price(input: input, output: output)
  }

  /// Whether the rows have the document that entities are looked for in, as far as they are known.
  static func preflight(
    _ inputs: Inputs,
    metrics: [String],
    _ objects: ObjectStore
  ) async throws {
    guard metrics.contains("entity_density"),
      let rows = (inputs.artifact("data") ?? inputs.artifact("of.data"))?[Part.rows]
    else { return }
    let field = ScoringFields.documentField(inputs.settings)
    let path = try await objects.verifiedPath(rows)
    let stream = try await RecordStream(DatasetRows(path: path), limit: 1)
    guard let first = try await stream.next(1).first, first[field]?.string == nil else { return }
    let texts = first.fields.members.filter { $0.value.string != nil }.map { "'\($0.key)'" }
    throw Problem(
      "record '\(first.id)' has no text in '\(field)', which 'entity_density' looks for entities in",
      at: (inputs.settings["document"] ?? inputs.settings["metrics"])?.location,
      hint: texts.isEmpty
        ? "it has no field with a text"
        : "name the document's field by 'document:', one of \(texts.joined(separator: ", "))"
    )
  }
}

extension Price {
  var json: JSON { ["input": .number(input), "output": .number(output)] }
}

extension SettingValue {
  /// A member of a map.
  func member(_ name: String) -> SettingValue? {
    guard case .map(let members) = kind else { return nil }
    return members.first { $0.name == name }?.value
  }
}
