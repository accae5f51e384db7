/// Finds the word that somebody probably meant.
package enum NearestFit {
  /// The candidate nearest to a word, if one is near enough to be offered.
  ///
  /// Near enough is a third of the word's length in edits (at least one, and never all of it), where
  /// an edit inserts, deletes, replaces or swaps neighbours; letter case and `-` against `_` cost
  /// nothing. Else a candidate that the word begins, or that begins it, if at least three long.
  ///
  /// - Parameters:
  ///   - word: What was written.
  ///   - candidates: What could have been; of two equally near the earlier wins.
  /// - Returns: The best candidate; nil where none is near, or the word itself is one.
  package static func find(_ word: String, among candidates: some Sequence<String>) -> String? {
    let written = folded(word)
    // Nobody mistypes a word this long; the comparison costs its length squared.
    guard (1...64).contains(written.count) else { return nil }
    let limit = min(max(1, written.count / 3), written.count - 1)
    var best: (candidate: String, distance: Int)?
    var opening: String?
    for candidate in candidates where candidate != word && !candidate.isEmpty {
      let letters = folded(candidate)
      if opening == nil, min(letters.count, written.count) >= 3,
        letters.starts(with: written) || written.starts(with: letters)
      {
        opening = candidate
      }
      guard abs(letters.count - written.count) <= limit else { continue }
      let distance = distance(written, letters)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate ?? opening
  }

  private static func folded(_ word: String) -> [Unicode.Scalar] {
    word.lowercased().unicodeScalars.map { $0 == "_" ? "-" : $0 }
  }

  /// Edits between two words, neighbours swapped counting as one (optimal string alignment).
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}

/// The hint that offers the nearest fit: `did you mean 'distill'?`; nil where nothing is near.
package func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String? {
  NearestFit.find(word, among: candidates).map { "did you mean '\($0)'?" }
}
