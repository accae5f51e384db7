package import Primitives

/// One task with its gold label and the way to it, as a generator makes it.
package struct Exercise: Sendable {
  /// What a template puts in, by name, in the order of a row.
  package let fields: [(name: String, text: String)]
  /// Sentences of the worked answer before its last, without their full stops.
  package let steps: [String]
  package let label: String
  /// What is left when names, things, numbers and words of content are taken out: exercises of one
  /// structure differ in those alone.
  package let structure: String
  /// The bare calculation behind the exercise, in words but without its story.
  package let calculation: String
  /// How many judgements follow from one another, 1 to 4.
  package let depth: Int

  /// The solution as the models learn to write it.
  package var workedAnswer: String {
    (steps + ["The answer is \(label)"]).map { $0 + "." }.joined(separator: " ")
  }

  /// A row of a data set.
  package func row(id: String) -> JSON {
    let texts = [("id", id)] + fields.map { ($0.name, $0.text) }
    return .object(
      JSONObject(
        (texts + [("answer", workedAnswer), ("label", label)])
          .map { (key: $0.0, value: JSON.string($0.1)) }
      )
    )
  }

  /// The text of a field; a generator's exercises have the fields that their family's prompts name.
  package func text(_ name: String) -> String {
    fields.first { $0.name == name }?.text ?? ""
  }
}
