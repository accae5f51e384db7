/// The words of the inferences: chains from the narrowest to the widest, and words that narrow.
package enum Lexicon {
  /// Each noun with the next wider one.
  package static let nounParents: [String: String] = [
    "dog": "animal", "cat": "animal", "bird": "animal", "horse": "animal",
    "child": "person", "worker": "person", "artist": "person",
    "poodle": "dog", "beagle": "dog", "tabby": "cat", "kitten": "cat",
    "robin": "bird", "sparrow": "bird", "pony": "horse", "mare": "horse",
    "boy": "child", "girl": "child", "nurse": "worker", "baker": "worker",
    "painter": "artist", "singer": "artist",
  ]

  /// Each verb of the last clause with the next wider one.
  package static let verbParents: [String: String] = [
    "walking": "moving", "running": "moving", "strolling": "walking", "marching": "walking",
    "sprinting": "running", "jogging": "running", "sleeping": "resting", "napping": "sleeping",
  ]

  /// Verbs with an object, inside a sentence.
  package static let links = ["saw", "liked", "met", "knew"]

  /// Words before a noun that narrow it.
  package static let adjectives = ["small", "old", "young", "happy", "quiet"]

  /// Words behind a verb that narrow it.
  package static let adverbs = ["early", "outside", "today", "alone"]

  static let nouns = words(of: nounParents)
  static let verbs = words(of: verbParents)

  private static func words(of parents: [String: String]) -> [String] {
    Set(parents.keys).union(parents.values).sorted()
  }

  /// The words above one, nearest first.
  package static func wider(_ word: String, _ parents: [String: String]) -> [String] {
    var result: [String] = []
    var current = word
    while let parent = parents[current] {
      result.append(parent)
      current = parent
    }
    return result
  }

  /// The words below one, sorted.
  static func narrower(_ word: String, _ parents: [String: String]) -> [String] {
    parents.keys.filter { wider($0, parents).contains(word) }.sorted()
  }
}
