import Primitives

/// Follows a path through JSON whose keys are not quite those of the path.
///
/// A key is found as it is; else by its letters and digits alone (`denser summary` for
/// `Denser_Summary`); else by a spelling at most two letters off, where only one key has it. A
/// position counted from the end goes back to the last element that leads to a value: a list that
/// ends in a map with null still has its last summary.
enum NearPath {
  /// The value at the path as text; nil where it leads nowhere, to null or to an empty text.
  static func text(_ path: JSONPath, in json: JSON) -> String? {
    value(path.steps[...], in: json).map { $0.string ?? $0.canonicalText }
  }

  private static func value(_ steps: ArraySlice<JSONPath.Step>, in json: JSON) -> JSON? {
    guard let step = steps.first else {
      let isEmpty = json.string.map { Scalar.trimmed($0).isEmpty } ?? json.isNull
      // Spelt out, since `nil` could be JSON's null.
      return isEmpty ? Optional.none : json
    }
    let rest = steps.dropFirst()
    switch (step, json) {
    case (.member(let name), .object(let object)):
      return member(name, of: object).flatMap { value(rest, in: $0) }
    case (.element(let position), .array(let elements)):
      if position < 0 {
        let candidates = elements.dropLast(-1 - position).reversed()
        return candidates.lazy.compactMap { value(rest, in: $0) }.first
      }
      return elements.indices.contains(position)
        ? value(rest, in: elements[position]) : Optional.none
    case (.element, .object(let object)):
      // The list may stand under a key of its own.
      let lists = object.members.filter { $0.value.array != nil }
      return lists.count == 1 ? value(steps, in: lists[0].value) : Optional.none
    default: return nil
    }
  }

  private static func member(_ name: String, of object: JSONObject) -> JSON? {
    if let exact = object[name] { return exact }
    let wanted = letters(name)
    let folded = object.members.filter { letters($0.key) == wanted }
    if let first = folded.first { return folded.count == 1 ? first.value : Optional.none }
    guard wanted.count > 5 else { return nil }
    let near = object.members.filter { distance(letters($0.key), wanted) <= 2 }
    return near.count == 1 ? near[0].value : Optional.none
  }

  private static func letters(_ key: String) -> [Character] {
    Array(key.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// How many letters must be added, left out or changed (Levenshtein); above two for texts whose
  /// lengths say so already.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    guard abs(left.count - right.count) <= 2 else { return 3 }
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let changed = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
