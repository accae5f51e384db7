import Diagnostics
import Primitives
import YAMLTree

/// Turns the tree of a template file into its parts and gathers every problem on the way.
struct TemplateParser {
  struct Parts {
    let task: String
    let messages: [PromptTemplate.MessageTemplate]
    /// The record's field with the user's turns, where the template is one of conversations.
    let turnsField: String?
    let maxTokens: Int
    let target: TextTemplate
    let reading: Reading
    let metrics: [String]
  }

  /// The file, for the positions of tags.
  let lines: [String]
  var problems: [Problem] = []

  init(lines: [String]) {
    self.lines = lines
  }

  private static let keys = [
    "task", "description", "variables", "messages", "turns", "answer", "labels", "target",
    "max_tokens", "metrics",
  ]

  /// The parts; nil where a problem leaves one out.
  mutating func parse(_ root: YAMLNode) -> Parts? {
    guard root.map != nil else {
      problems.append(
        Problem("a template must be a map; found \(root.kindName)", at: root.location)
      )
      return nil
    }
    checkKeys(of: root, known: Self.keys)
    if let description = root["description"] { _ = text(description, of: "description") }
    let task = required("task", in: root).flatMap { text($0, of: "task") }
    let turns = root["turns"].flatMap { fieldName($0, of: "turns") }
    let messages = self.messages(of: root)
    if let variables = root["variables"], let messages {
      check(variables, against: messages, turns)
    }
    let maxTokens = required("max_tokens", in: root).flatMap { count($0, of: "max_tokens") }
    let reading = required("answer", in: root).flatMap { self.reading($0, labels: root["labels"]) }
    let metrics = root["metrics"].map { self.metrics($0) } ?? [Accuracy.name]
    guard let target = target(root["target"]), let task, let messages, let maxTokens, let reading
    else { return nil }
    return Parts(
      task: task,
      messages: messages,
      turnsField: turns,
      maxTokens: maxTokens,
      target: target,
      reading: reading,
      metrics: metrics
    )
  }

  // MARK: Values

  mutating func required(_ key: String, in node: YAMLNode) -> YAMLNode? {
    if let value = node[key] { return value }
    problems.append(Problem("'\(key)' is missing", at: node.location))
    return nil
  }

  mutating func checkKeys(of node: YAMLNode, known: [String]) {
    for entry in node.map ?? [] where !known.contains(entry.key) {
      problems.append(
        Problem(
          "unknown field '\(entry.key)'",
          at: entry.keyLocation,
          hint: didYouMean(entry.key, among: known) ?? "it may be \(Wording.choice(known))"
        )
      )
    }
  }

  mutating func text(_ node: YAMLNode, of key: String) -> String? {
    if let text = node.text { return text }
    problems.append(
      Problem("'\(key)' must be a text; found \(node.kindName)", at: node.location)
    )
    return nil
  }

  mutating func count(_ node: YAMLNode, of key: String) -> Int? {
    if case .integer(let number) = node.value, number > 0 { return Int(number) }
    problems.append(
      Problem(
        "'\(key)' must be a whole number above 0; found \(node.scalarText ?? node.kindName)",
        at: node.location
      )
    )
    return nil
  }

  /// What a reading of a part gives; its problem is kept, at a position where it has none itself.
  mutating func keep<Value>(
    at location: Location? = nil,
    _ read: () throws(Problem) -> Value
  ) -> Value? {
    do throws(Problem) {
      return try read()
    } catch {
      problems.append(
        error.location != nil
          ? error : Problem(error.message, at: location, hint: error.hint, notes: error.notes)
      )
      return nil
    }
  }
}
