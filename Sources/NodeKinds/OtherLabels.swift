import Execution
import Primitives
import Store
import Tasks

/// The labels of another model, for the share of rows where both say the same.
final class OtherLabels: @unchecked Sendable {
  // Safe: one task at a time awaits `of`, which is the only use of the index.
  private var index: LabelIndex

  init(path: String) throws {
    index = try LabelIndex(path: path)
  }

  /// The labels of rows by their ids; nil for a row that has no valid one.
  func of(_ ids: [String]) async throws -> [String?] {
    try await Blocking.run { [self] in
      try ids.map { id in
        guard let row = try index.find(id), row.state == .valid else { return nil }
        return row.label
      }
    }
  }
}
