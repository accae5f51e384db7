import Diagnostics
import Primitives
import YAMLTree

/// Turns the tree of a template file into its parts and gathers every problem on the way.
struct TemplateParser {
  struct Parts {
    let task: String
    let messages: [PromptTemplate.MessageTemplate]
    let maxTokens: Int
    let target: TextTemplate
    let reading: Reading
    let metrics: [String]
  }

  /// The file, for the positions of tags.
  let lines: [String]
  private(set) var problems: [Problem] = []

  init(lines: [String]) {
    self.lines = lines
  }

  private static let keys = [
    "task", "description", "messages", "answer", "labels", "target", "max_tokens", "metrics",
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
    let messages = required("messages", in: root).map { self.messages($0) }
    let maxTokens = required("max_tokens", in: root).flatMap { count($0, of: "max_tokens") }
    let reading = required("answer", in: root).flatMap { self.reading($0, labels: root["labels"]) }
    let metrics = root["metrics"].map { self.metrics($0) } ?? [Accuracy.name]
    guard let target = target(root["target"]), let task, let messages, let maxTokens, let reading
    else { return nil }
    return Parts(
      task: task,
      messages: messages,
      maxTokens: maxTokens,
      target: target,
      reading: reading,
      metrics: metrics
    )
  }

  // MARK: Messages and texts

  private mutating func messages(_ node: YAMLNode) -> [PromptTemplate.MessageTemplate] {
    guard let list = node.list, !list.isEmpty else {
      problems.append(
        Problem("'messages' must be a list of messages; found \(node.kindName)", at: node.location)
      )
      return []
    }
    let messages = list.compactMap { message($0) }
    if messages.count == list.count, messages.last?.role != .user {
      problems.append(
        Problem(
          "the last message must be the user's",
          at: list.last?.location,
          hint: "the model answers it; how a label becomes an answer is 'target'"
        )
      )
    }
    return messages
  }

  private mutating func message(_ node: YAMLNode) -> PromptTemplate.MessageTemplate? {
    guard node.map != nil else {
      problems.append(
        Problem("a message must be a map; found \(node.kindName)", at: node.location)
      )
      return nil
    }
    checkKeys(of: node, known: ["role", "content"])
    let role = required("role", in: node).flatMap { self.role($0) }
    let content = required("content", in: node).flatMap { textTemplate($0, of: "content") }
    guard let role, let content else { return nil }
    return PromptTemplate.MessageTemplate(role: role, content: content)
  }

  private mutating func role(_ node: YAMLNode) -> ChatMessage.Role? {
    guard let word = text(node, of: "role") else { return nil }
    if let role = ChatMessage.Role(rawValue: word) { return role }
    let roles = ChatMessage.Role.allCases.map(\.rawValue)
    problems.append(
      Problem(
        "unknown role '\(word)'",
        at: node.location,
        hint: didYouMean(word, among: roles) ?? "it may be \(Wording.choice(roles))"
      )
    )
    return nil
  }

  private mutating func textTemplate(_ node: YAMLNode, of key: String) -> TextTemplate? {
    guard let text = text(node, of: key) else { return nil }
    let origin = TextOrigin.file(lines: lines, start: node.location)
    return keep { () throws(Problem) in try TextTemplate(text, origin: origin) }
  }

  private mutating func target(_ node: YAMLNode?) -> TextTemplate? {
    if let node { return textTemplate(node, of: "target") }
    return keep { () throws(Problem) in
      try TextTemplate("{{label}}", origin: .part("target"))
    }
  }

  // MARK: How answers are read

  private mutating func reading(_ node: YAMLNode, labels: YAMLNode?) -> Reading? {
    guard let form = node["as"] else {
      problems.append(
        Problem(
          "'answer' must say how answers are read",
          at: node.location,
          hint: "write 'answer: {as: number}'; it may be \(Wording.choice(Reading.forms))"
        )
      )
      return nil
    }
    guard let name = text(form, of: "as") else { return nil }
    checkKeys(of: node, known: ["as"] + (Self.answerKeys[name] ?? []))
    var json = JSONObject([("as", .string(name))])
    for key in Self.answerKeys[name] ?? [] {
      if let value = node[key] { json[key] = text(value, of: key).map(JSON.string) }
    }
    if name == "label" {
      json["labels"] = labels.flatMap { self.labels($0) }
    } else if let labels {
      problems.append(
        Problem("'labels' belong to 'answer: {as: label}' only", at: labels.location)
      )
    }
    return keep(at: form.location) { () throws(Problem) in try Reading(json: .object(json)) }
  }

  /// The settings that each form has besides `as`.
  private static let answerKeys = [
    "choice": ["choices"], "json": ["path"], "regex": ["pattern", "match"],
  ]

  /// A list of names, or a map from each name to the words that stand for it.
  private mutating func labels(_ node: YAMLNode) -> JSON? {
    if let names = node.list {
      return .array(
        names.compactMap { name in text(name, of: "labels").map { ["name": .string($0)] } }
      )
    }
    guard let entries = node.map else {
      problems.append(
        Problem("'labels' must be a list or a map; found \(node.kindName)", at: node.location)
      )
      return nil
    }
    return .array(
      entries.map { entry in
        let words = entry.value.list?.compactMap { text($0, of: entry.key) } ?? []
        if entry.value.list == nil {
          problems.append(
            Problem(
              "'\(entry.key)' must have a list of words; found \(entry.value.kindName)",
              at: entry.value.location
            )
          )
        }
        return ["name": .string(entry.key), "words": .array(words.map(JSON.string))]
      }
    )
  }

  private mutating func metrics(_ node: YAMLNode) -> [String] {
    guard let list = node.list else {
      problems.append(
        Problem("'metrics' must be a list; found \(node.kindName)", at: node.location)
      )
      return []
    }
    return list.compactMap { entry in
      guard let name = text(entry, of: "metrics") else { return nil }
      if Metrics.named(name) == nil {
        problems.append(
          Problem(
            "unknown metric '\(name)'",
            at: entry.location,
            hint: didYouMean(name, among: Metrics.names)
              ?? "it may be \(Wording.choice(Metrics.names))"
          )
        )
      }
      return name
    }
  }

  // MARK: Values

  private mutating func required(_ key: String, in node: YAMLNode) -> YAMLNode? {
    if let value = node[key] { return value }
    problems.append(Problem("'\(key)' is missing", at: node.location))
    return nil
  }

  private mutating func checkKeys(of node: YAMLNode, known: [String]) {
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

  private mutating func text(_ node: YAMLNode, of key: String) -> String? {
    if let text = node.text { return text }
    problems.append(
      Problem("'\(key)' must be a text; found \(node.kindName)", at: node.location)
    )
    return nil
  }

  private mutating func count(_ node: YAMLNode, of key: String) -> Int? {
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
  private mutating func keep<Value>(
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
