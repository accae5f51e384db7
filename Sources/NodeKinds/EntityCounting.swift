import Execution
import Primitives
import Store
import Tasks
import Workflow

/// Counts the entities that a row's answer shares with its document (equation 8 of arXiv 2410.18588).
struct EntityCounting: Sendable {
  private let recogniser: any EntityRecogniser
  /// The field with the document.
  private let field: String

  init(_ inputs: Inputs, _ services: Services) async throws {
    field = ScoringFields.documentField(inputs.settings)
    recogniser = try await Self.recogniser(inputs, services)
  }

  /// The built-in one unless the node names a command.
  private static func recogniser(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> any EntityRecogniser {
    guard inputs.settings["recogniser"] != nil else { return BuiltInRecogniser() }
    return try await CommandRecogniser(inputs, services)
  }

  /// The results with the counts of their entities; none for an answer that could not be read.
  func complete(_ results: [RowResult], _ records: [Record]) async throws -> [RowResult] {
    let readable = results.indices.filter { results[$0].got != nil }
    var texts: [String] = []
    for index in readable {
      texts.append(results[index].got ?? "")
      texts.append(try document(of: records[index]))
    }
    let found = try await recogniser.recognise(texts)
    guard found.count == texts.count else {
      throw NodeFailure("the recogniser gave \(found.count) answers for \(texts.count) texts")
    }
    var completed = results.map { $0.withEntities(nil) }
    for (position, index) in readable.enumerated() {
      completed[index] = results[index].withEntities(
        EntityCounts(summary: found[2 * position], document: found[2 * position + 1])
      )
    }
    return completed
  }

  private func document(of record: Record) throws -> String {
    guard let text = record[field]?.string else {
      throw NodeFailure(
        "record '\(record.id)' has no text in '\(field)' to find entities in",
        hint: "name the field with the document by 'document:'"
      )
    }
    return text
  }
}
