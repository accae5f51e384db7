package import Diagnostics

/// Nothing is spent under a limit unless its price is known: an unknown price is not zero.
package enum PriceRule {
  /// Which limit is to be kept.
  package enum Limit: Sendable {
    /// `budget:` of the workflow, where it is written.
    case budget(Location)
    /// `--max-cost` of one run.
    case maxCost
  }

  /// A problem for each model whose use cannot be held against a limit.
  ///
  /// Models that the tool serves itself cost nothing.
  package static func problems(in expansion: Expansion, under limit: Limit) -> [Problem] {
    let uses = ModelUse.all(in: expansion).filter(isPaid)
    let models = expansion.models.values.sorted { $0.name < $1.name }
    return models.flatMap { model -> [Problem] in
      let own = uses.filter { $0.model.name == model.name }
      let asking = own.first { !$0.isTraining }
      let training = own.first { $0.isTraining }
      return [
        asking.flatMap { problem(model, missingForCalls(model.price), "calls", $0, limit) },
        training.flatMap { problem(model, missingForTraining(model.price), "training", $0, limit) },
      ].compactMap(\.self)
    }
  }

  private static func isPaid(_ use: ModelUse) -> Bool {
    if case .endpoint = use.model.source { true } else { false }
  }

  private static func missingForCalls(_ price: ModelDeclaration.Price?) -> [String] {
    (price?.input == nil ? ["input"] : []) + (price?.output == nil ? ["output"] : [])
  }

  private static func missingForTraining(_ price: ModelDeclaration.Price?) -> [String] {
    price?.training == nil ? ["training"] : []
  }

  private static func problem(
    _ model: ModelDeclaration,
    _ missing: [String],
    _ what: String,
    _ use: ModelUse,
    _ limit: Limit
  ) -> Problem? {
    guard !missing.isEmpty else { return nil }
    let fields = missing.map { "'price.\($0)'" }.joined(separator: " and no ")
    let form = missing.map { "\($0): …" }.joined(separator: ", ")
    let verb = use.isTraining ? "trains" : "asks"
    var notes = [Problem.Note("'\(use.instance.node)' \(verb) it", at: use.instance.location)]
    if case .budget(let place) = limit { notes.append(Problem.Note("the budget", at: place)) }
    return Problem(
      "model '\(model.name)' has no \(fields), so its \(what) cannot be kept within \(limit.name)",
      at: model.location,
      hint: "add 'price: {\(form)}' in USD per million tokens; 0 for a server of your own that "
        + "costs nothing",
      notes: notes
    )
  }
}

extension PriceRule.Limit {
  fileprivate var name: String {
    switch self {
    case .budget: "the budget"
    case .maxCost: "'--max-cost'"
    }
  }
}
