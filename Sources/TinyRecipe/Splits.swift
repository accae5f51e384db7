import Primitives

/// The data sets that are shipped: drawn one after the other, so that no question is in two.
enum Splits {
  static let sizes: [(name: String, rows: Int)] = [
    ("test", 200), ("validation", 100), ("train", 600),
  ]

  /// The problems of one split; its first rows are the same whatever the count.
  ///
  /// Splits before it in `sizes` are drawn at their shipped size and excluded.
  static func problems(_ name: String, rows: Int, seed: Int64) -> [Problem] {
    var excluded: Set<String> = []
    for split in sizes {
      var generator = ProblemGenerator(
        seed: seed,
        label: "split-\(split.name)",
        excluding: excluded
      )
      if split.name == name { return generator.distinct(rows) }
      excluded.formUnion(generator.distinct(split.rows).map(\.question))
    }
    return []
  }

  /// Every question of the shipped splits: what pre-training must not have seen.
  static func questions(seed: Int64) -> Set<String> {
    Set(sizes.flatMap { problems($0.name, rows: $0.rows, seed: seed) }.map(\.question))
  }
}
