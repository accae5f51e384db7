/// Rows whose strict and flexible reading differ, in words.
enum Disagreements {
  /// `strict and flexible reading differ in 7 rows: 'a', 'b' and 5 more; the part 'rows' lists them`.
  ///
  /// - Parameters:
  ///   - rows: How many there are.
  ///   - first: The ids of the first of them.
  ///   - list: The part that has them all.
  /// - Returns: The note.
  static func note(rows: Int, first: [String], list: String) -> String {
    var names = first.map { "'\($0)'" }.joined(separator: ", ")
    if rows > first.count { names += " and \(rows - first.count) more" }
    return "strict and flexible reading differ in \(rows) \(rows == 1 ? "row" : "rows"): \(names); "
      + "the part '\(list)' lists them"
  }
}
