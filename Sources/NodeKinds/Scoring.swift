import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

/// Scores rows as they come: judges them, adds what metrics need besides the gold label, counts.
struct Scoring {
  private(set) var scorer: Scorer
  /// The labels of the model to agree with; nil where `agreement` is not asked for.
  private let others: OtherLabels?
  /// Finds the entities of texts; nil where `entity_density` is not asked for.
  private let entities: EntityCounting?

  /// - Parameters:
  ///   - inputs: Those of the instance, with the fields of `ScoringFields`.
  ///   - services: The store.
  ///   - reading: How answers are read and compared.
  ///   - metrics: The metrics to compute.
  /// - Throws: `Problem` for a metric that is not there, and what reading the inputs throws.
  init(
    _ inputs: Inputs,
    _ services: Services,
    reading: Reading,
    metrics: [String]
  ) async throws {
    scorer = try Scorer(
      reading: reading,
      inputs.settings,
      metrics: metrics,
      price: ScoringRule.price(inputs)
    )
    if metrics.contains("agreement"), let labels = inputs.artifact("agreement_with") {
      others = try OtherLabels(
        path: try await services.objects.verifiedPath(labels.require(Part.rows))
      )
    } else {
      others = nil
    }
    entities =
      metrics.contains("entity_density")
      ? try await EntityCounting(inputs, services) : nil
  }

  /// Scores some rows.
  mutating func add(_ rows: [AnsweredRow]) async throws -> [RowResult] {
    var results = rows.map(scorer.judge)
    if let others { results = try await agreeing(results, others) }
    if let entities { results = try await entities.complete(results, rows.map(\.record)) }
    for result in results { scorer.count(result) }
    return results
  }

  /// Whether each row's answer is the other model's; unknown where that gave none.
  private func agreeing(
    _ results: [RowResult],
    _ others: OtherLabels
  ) async throws -> [RowResult] {
    let labels = try await others.of(results.map(\.id))
    return zip(results, labels).map { result, label in
      let agrees = label.map { label in result.got.map { scorer.equal($0, label) } ?? false }
      return result.withAgreement(agrees)
    }
  }
}
