import Primitives

/// The choices of a multiple-choice record: each a label (`A`) and a text.
///
/// Taken from any of the published layouts: a list of texts, with or without their own `A)`; a list
/// of maps with `label` and `text`; a map of two lists, `label` and `text`.
struct ChoiceList {
  struct Choice {
    let label: String
    let text: String
  }

  let choices: [Choice]

  /// Nil where the value is in no layout that is known.
  ///
  /// With `isVerbatim` texts keep an `A)` of their own.
  init?(_ value: JSON, isVerbatim: Bool) {
    if let list = value.array {
      choices = list.enumerated().compactMap { Self.choice($1, index: $0, isVerbatim) }
      guard choices.count == list.count else { return nil }
    } else if let labels = value["label"]?.array, let texts = value["text"]?.array,
      labels.count == texts.count
    {
      choices = zip(labels, texts).compactMap { label, text in
        guard let label = Scalar.text(label), let text = Scalar.text(text) else { return nil }
        return Choice(label: label, text: text)
      }
      guard choices.count == labels.count else { return nil }
    } else {
      return nil
    }
    guard !choices.isEmpty else { return nil }
  }

  init?(_ value: JSON) { self.init(value, isVerbatim: false) }

  /// Choices that are only letters, for completions whose record is not at hand.
  init(letters count: Int) {
    choices = (0..<count).map { Choice(label: Letters.letter($0), text: "") }
  }

  private static func choice(_ value: JSON, index: Int, _ isVerbatim: Bool) -> Choice? {
    let letter = Letters.letter(index)
    if let text = Scalar.text(value) {
      if isVerbatim { return Choice(label: letter, text: text) }
      let prefixes = ["\(letter))", "(\(letter))"]
      let prefix = prefixes.first { text.hasPrefix($0) }
      return Choice(label: letter, text: Scalar.trimmed(text.dropFirst(prefix?.count ?? 0)))
    }
    guard let text = value["text"].flatMap(Scalar.text) else { return nil }
    return Choice(label: value["label"].flatMap(Scalar.text) ?? letter, text: text)
  }

  /// The label of a choice named by its label, in any case of letters, or by its text.
  func label(of name: String) -> String? {
    let byLabel = choices.first { Normalization.equalFolded($0.label, name) }
    if let byLabel { return byLabel.label }
    let byText = choices.filter { Normalization.equalFolded($0.text, name) }
    // Two choices of the same text cannot be told apart by it.
    return byText.count == 1 ? byText[0].label : nil
  }

  /// The label that a right answer stands for; where sets give it as a text that two choices have,
  /// the first of them.
  func rightLabel(of name: String) -> String? {
    label(of: name) ?? choices.first { Normalization.equalFolded($0.text, name) }?.label
  }
}
