import Primitives
import Testing
import tiny_recipe

/// The data sets in `workflows/data`.
@Suite("Shipped data")
struct ShippedDataTests {
  @Test("the files are what the generators make of the shipped seed", arguments: Family.allCases)
  func reproducible(family: Family) throws {
    for fold in Fold.shipped {
      let rows = try ShippedRows.rows(family, fold).map(\.fields.compactText)
      let made = family.dataset(fold, rows: try #require(fold.rows), seed: Family.shippedSeed)
        .enumerated().map { $1.row(id: "\(fold)-\($0 + 1)").compactText }
      #expect(rows == made, "\(family) \(fold)")
    }
  }

  @Test("there are at least 600 rows to test on, of every depth", arguments: Family.allCases)
  func sizes(family: Family) throws {
    let rows = try ShippedRows.rows(family, .test)
    #expect(rows.count >= 600)
    let depths = try rows.map { try Structure.depth($0, family) }
    for depth in 1...4 { #expect(depths.count { $0 == depth } >= 100, "depth \(depth)") }
  }

  /// What is left of a row's text without its names, things, numbers and words of content.
  @Test("no structure stands in two sets, nor in the lessons", arguments: Family.allCases)
  func disjoint(family: Family) throws {
    var seen: [String: String] = [:]
    for fold in Fold.shipped {
      for row in try ShippedRows.rows(family, fold) {
        let structure = try Structure.of(row, family)
        let other = seen.updateValue(fold.rawValue, forKey: structure)
        #expect(other == nil || other == fold.rawValue, "\(structure)")
      }
    }
    var lessons = ExerciseStream(
      family,
      fold: .lessons,
      seed: Family.shippedSeed,
      label: "tried here"
    )
    for _ in 0..<5000 {
      let row = Row(fields: lessons.next().row(id: "lesson"))
      let fold = seen[try Structure.of(row, family)]
      #expect(fold == nil, "\(row.fields)")
    }
  }

  @Test("worked steps are true, follow each other and lead to the label", arguments: Fold.shipped)
  func arithmetic(fold: Fold) throws {
    for row in try ShippedRows.rows(.arithmetic, fold) {
      let answer = try row.text("answer")
      let sentences = answer.split(separator: ". ")
      var last: Int?
      for step in sentences.dropLast() {
        let value = try Self.value(of: step)
        #expect((0...99).contains(value.result))
        #expect(
          last == nil || last == value.left,
          "each step starts from the one before: \(answer)"
        )
        last = value.result
      }
      #expect(sentences.last == "The answer is \(row.label).")
      #expect(last == Int(row.label))
    }
  }

  /// Checks an equation such as `5 + 3 = 8`.
  private static func value(of step: Substring) throws -> (left: Int, result: Int) {
    let parts = step.split(separator: " ")
    try #require(parts.count == 5 && parts[3] == "=", "\(step)")
    let (left, right) = (try #require(Int(parts[0])), try #require(Int(parts[2])))
    let result = try #require(Int(parts[4]))
    switch parts[1] {
    case "+": #expect(left + right == result, "\(step)")
    case "-": #expect(left - right == result, "\(step)")
    case "*": #expect(left * right == result, "\(step)")
    case "/": #expect(right * result == left, "\(step)")
    default: Issue.record("unknown sign in '\(step)'")
    }
    return (left, result)
  }
}
