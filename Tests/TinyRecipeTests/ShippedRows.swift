import Foundation
import Primitives
import TestSupport
import Testing
import tiny_recipe

/// A row of a shipped data set, as its file has it.
struct Row {
  let fields: JSON

  var id: String { fields["id"]?.string ?? "" }
  var label: String { fields["label"]?.string ?? "" }

  func text(_ name: String) throws -> String { try #require(fields[name]?.string) }
}

enum ShippedRows {
  static func rows(_ family: Family, _ fold: Fold) throws -> [Row] {
    let path = "\(ProjectFolder.path)/workflows/data/\(family)-\(fold).jsonl"
    return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
      .map { Row(fields: try JSON(parsing: $0)) }
  }
}

extension Fold {
  /// Those that stand in `workflows/data`.
  static let shipped: [Fold] = [.train, .validation, .test]
}
