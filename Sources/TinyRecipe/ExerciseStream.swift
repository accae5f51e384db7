import Primitives

/// An endless stream of exercises of one family and one fold; the same for the same seed.
package struct ExerciseStream {
  private let family: Family
  private let fold: Fold
  private let depths: ClosedRange<Int>
  private var random: SeededGenerator

  /// - Parameters:
  ///   - family: What the exercises are about.
  ///   - fold: The fold that all their structures belong to.
  ///   - depths: How many steps they may take; each number as often as any other.
  ///   - seed: Of all choices.
  ///   - label: Separates streams under one seed.
  package init(
    _ family: Family,
    fold: Fold,
    depths: ClosedRange<Int> = 1...4,
    seed: Int64,
    label: String
  ) {
    self.family = family
    self.fold = fold
    self.depths = depths
    random = SeededGenerator(seed: seed, label: "\(family)-\(label)")
  }

  /// The next exercise; the same one may come back.
  package mutating func next() -> Exercise {
    let depth = depths.lowerBound + random.below(depths.count)
    while true {
      let exercise = family.exercise(depth: depth, &random)
      if Fold(ofStructure: exercise.structure) == fold { return exercise }
    }
  }

  /// The next exercises, no two alike.
  package mutating func distinct(_ count: Int) -> [Exercise] {
    var known: Set<String> = []
    var result: [Exercise] = []
    while result.count < count {
      let exercise = next()
      if known.insert(exercise.fields.map(\.text).joined(separator: "\n")).inserted {
        result.append(exercise)
      }
    }
    return result
  }
}
