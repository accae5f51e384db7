import Foundation
import Primitives
import TestSupport
import TollRig

/// A project of a few rows whose model costs money at a toll server: what was paid is known there,
/// outside of the tool.
final class PaidModel {
  let folder: TemporaryFolder
  let toll: Toll

  /// Serves the toll server's answers; `arguments` script its faults.
  init(rows: Int = 5, _ arguments: String...) throws {
    folder = try TemporaryFolder()
    toll = try Toll(ledger: "\(folder.path)/charges.jsonl", arguments)
    try folder.write(Arithmetic.rows(0..<rows), to: "rows.jsonl")
  }

  /// What a token costs: a thousandth of a dollar in, two thousandths out.
  static let price = "{input: 1000, output: 2000, training: 10, as_of: 2024-12-31}"

  /// One generate over all rows, with further nodes behind it.
  static let generate = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows, decoding: {max_tokens: 50}}

    """

  /// Writes `w.yaml`: sections before the models, the price of the teacher, the nodes.
  func write(
    _ top: String = "",
    price: String? = PaidModel.price,
    nodes: String = PaidModel.generate,
    concurrency: Int = 4,
    timeout: String = "60s"
  ) throws {
    let models = """
      models:
        teacher:
          base_url: \(toll.address)
          model: toll
          revision: "1"
          limits: {concurrency: \(concurrency), timeout: \(timeout)}
          \(price.map { "price: \($0)" } ?? "")

      """
    try folder.write("workflow: paid\n\(top)\n\(models)\(nodes)", to: "w.yaml")
  }

  func distill(_ arguments: String...) throws -> Distill.Result {
    try Distill.run(arguments, in: folder.path)
  }

  func run(_ arguments: String...) throws -> Distill.Result {
    try Distill.run(["run", "w.yaml"] + arguments, in: folder.path)
  }

  /// What the toll server charged for chat calls, by the tokens that it counted.
  var charged: Money {
    get throws {
      try toll.ledger.charges().reduce(.zero) { sum, charge in
        sum + Money(tokens: charge["prompt_tokens"]?.int ?? 0, perMillion: 1000)
          + Money(tokens: charge["completion_tokens"]?.int ?? 0, perMillion: 2000)
      }
    }
  }

  /// How many chat requests arrived.
  var requests: Int { get throws { try toll.ledger.requests("chat").count } }
}
