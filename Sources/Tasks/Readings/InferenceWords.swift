/// The words in which models give the three relations of natural language inference.
///
/// A label named `entailment`, `neutral` or `contradiction` is found by them too, whatever further
/// words a template gives it.
enum InferenceWords {
  /// Other forms of the names, which mean the relation wherever they stand.
  static func forms(of label: String) -> [String] {
    switch label.lowercased() {
    case "entailment": ["entails", "entailed", "entail", "entailing", "entailments"]
    case "contradiction":
      [
        "contradicts", "contradicted", "contradict", "contradictory", "contradicting",
        "contradictions",
      ]
    case "neutral":
      [
        "neutrality", "undetermined", "indeterminate", "inconclusive", "neither",
        "cannot be determined", "can't be determined", "can not be determined",
        "not enough information", "it is not possible to tell", "it's not possible to tell",
        "impossible to tell", "impossible to say",
      ]
    default: []
    }
  }

  /// Words that say it only where an answer is given.
  ///
  /// That is in a marked sentence, or as the first word or the whole of a text. In running text they
  /// are everyday words.
  static func answers(of label: String) -> [String] {
    switch label.lowercased() {
    case "entailment": ["true", "yes", "e"]
    case "contradiction": ["false", "no", "c"]
    case "neutral": ["maybe", "unknown", "unclear", "possibly", "n"]
    default: []
    }
  }
}
