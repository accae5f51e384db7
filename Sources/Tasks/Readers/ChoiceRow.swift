import Diagnostics
import Primitives

/// A multiple-choice row, whichever of the published layouts it has.
///
/// - ARC, CommonSense QA, RiddleSense, QASC as published: `question.stem`, `question.choices[]` with
///   `label` and `text`, `answerKey`.
/// - The Hugging Face hub: `question`, `choices.label[]`, `choices.text[]`, `answerKey`.
/// - Texts only: `question` or `query`, `choices` or `cands` a list of texts, `answer` the right
///   one's text.
/// - Spread out: `question`, `label` a list of labels, a column for each label with its text,
///   `answer` the right one's label.
///
/// Choices become letters by their position, so that `2` among 1, 2, 3, 4 is `B`. A set without
/// answers has no `answerKey`, or an empty one.
struct ChoiceRow {
  let question: String
  let choices: [String]
  /// A letter; nil where the data does not give the answer.
  let letter: String?

  init(_ row: PublishedRow) throws(RowProblem) {
    let (question, holder) = try Self.question(row)
    let choices = try LabelledChoices(row, holder)
    self.question = question
    self.choices = choices.texts
    letter = try Self.letter(row, choices)
  }

  /// The question, and the map in which its choices stand.
  private static func question(
    _ row: PublishedRow
  ) throws(RowProblem) -> (String, holder: PublishedRow) {
    let column = row.name(among: "question", "query")
    guard let inner = try row.value(column).object else { return (try row.text(column), row) }
    let holder = PublishedRow(inner, number: row.number)
    return (try holder.text("stem"), holder)
  }

  private static func letter(
    _ row: PublishedRow,
    _ choices: LabelledChoices
  ) throws(RowProblem) -> String? {
    if let key = try answerKey(row) {
      return try choices.letter(label: key, row: row.number)
    }
    guard !row.has("answerKey"), let answer = row.object["answer"], !answer.isNull else {
      return nil
    }
    guard let text = Scalar.text(answer).map(Scalar.trimmed) else {
      throw RowProblem(
        "'answer' in row \(row.number) must be a text; found \(answer.kindName)"
      )
    }
    return choices.isSpread
      ? try choices.letter(label: text, row: row.number)
      : try choices.letter(text: text, row: row.number)
  }

  /// The published label of the right choice, a letter or a digit.
  private static func answerKey(_ row: PublishedRow) throws(RowProblem) -> String? {
    guard let key = row.object["answerKey"], !key.isNull else { return nil }
    guard let text = Scalar.text(key).map(Scalar.trimmed) else {
      throw RowProblem(
        "'answerKey' in row \(row.number) must be a label; found \(key.kindName)"
      )
    }
    return text.isEmpty ? nil : text
  }
}

/// The choices of a row with the labels that the data gives them.
private struct LabelledChoices {
  let texts: [String]
  /// Letters where the data has none.
  private let labels: [String]
  /// Whether the texts stand in columns named by the labels.
  let isSpread: Bool

  init(_ row: PublishedRow, _ holder: PublishedRow) throws(RowProblem) {
    let found: (labels: [String]?, texts: [String])
    isSpread = !holder.has("choices") && !holder.has("cands") && row.has("label")
    found = isSpread ? try Self.spread(row) : try Self.listed(holder)
    texts = found.texts
    labels = found.labels ?? texts.indices.map(Letters.letter)
    guard (2...26).contains(texts.count) else {
      throw RowProblem(
        "row \(row.number) must have 2 to 26 choices; found \(texts.count)"
      )
    }
    for (index, label) in labels.enumerated() where labels[..<index].contains(label) {
      throw RowProblem("two choices in row \(row.number) are labelled '\(label)'")
    }
  }

  func letter(label: String, row: Int) throws(RowProblem) -> String {
    guard let index = labels.firstIndex(where: { UTF8Order.equal($0, label) }) else {
      throw RowProblem(
        "the answer '\(label)' in row \(row) is none of its choices, "
          + Wording.all(labels)
      )
    }
    return Letters.letter(index)
  }

  func letter(text: String, row: Int) throws(RowProblem) -> String {
    let found = texts.indices.filter { UTF8Order.equal(texts[$0], text) }
    guard let index = found.first, found.count == 1 else {
      throw RowProblem(
        found.isEmpty
          ? "the answer '\(text)' in row \(row) is none of its choices"
          : "the answer '\(text)' in row \(row) is the text of \(found.count) choices, "
            + "so it does not say which"
      )
    }
    return Letters.letter(index)
  }

  private static func spread(
    _ row: PublishedRow
  ) throws(RowProblem) -> (labels: [String]?, texts: [String]) {
    let labels = try row.texts("label")
    var texts: [String] = []
    for label in labels { texts.append(try row.plainText(label)) }
    return (labels, texts)
  }

  private static func listed(
    _ row: PublishedRow
  ) throws(RowProblem) -> (labels: [String]?, texts: [String]) {
    let column = row.name(among: "choices", "cands")
    let value = try row.value(column)
    if let lists = value.object {
      let lists = PublishedRow(lists, number: row.number)
      let (labels, texts) = (try lists.texts("label"), try lists.texts("text"))
      guard labels.count == texts.count else {
        throw RowProblem(
          "'\(column)' in row \(row.number) has \(labels.count) labels for \(texts.count) texts"
        )
      }
      return (labels, texts)
    }
    guard let list = value.array, list.first?.object != nil else {
      return (nil, try row.texts(column))
    }
    var (labels, texts): ([String], [String]) = ([], [])
    for choice in list {
      let choice = PublishedRow(choice.object ?? JSONObject(), number: row.number)
      labels.append(try choice.text("label"))
      texts.append(try choice.plainText("text"))
    }
    return (labels, texts)
  }
}
