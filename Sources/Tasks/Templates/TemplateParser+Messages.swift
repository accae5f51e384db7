import Diagnostics
import Primitives
import YAMLTree

/// Messages, the texts in them, and the fields that these mention.
extension TemplateParser {
  /// The messages; a template of conversations may do without, since the user's turns follow.
  mutating func messages(of root: YAMLNode) -> [PromptTemplate.MessageTemplate]? {
    let followed = root["turns"] != nil
    guard let node = root["messages"] else {
      if followed { return [] }
      _ = required("messages", in: root)
      return nil
    }
    return messages(node, followed: followed)
  }

  private mutating func messages(
    _ node: YAMLNode,
    followed: Bool
  ) -> [PromptTemplate.MessageTemplate] {
    guard let list = node.list, !list.isEmpty else {
      problems.append(
        Problem("'messages' must be a list of messages; found \(node.kindName)", at: node.location)
      )
      return []
    }
    let messages = list.compactMap { message($0) }
    guard messages.count == list.count, (messages.last?.role == .user) == followed else {
      return messages
    }
    problems.append(
      Problem(
        followed
          ? "the last message must not be the user's, since the first of the 'turns' follows it"
          : "the last message must be the user's",
        at: list.last?.location,
        hint: followed
          ? "leave it out, or answer it with a message of the assistant's"
          : "the model answers it; how a label becomes an answer is 'target'"
      )
    )
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

  mutating func target(_ node: YAMLNode?) -> TextTemplate? {
    if let node { return textTemplate(node, of: "target") }
    return keep { () throws(Problem) in
      try TextTemplate("{{label}}", origin: .part("target"))
    }
  }

  // MARK: What they mention

  /// The name of a record's field.
  mutating func fieldName(_ node: YAMLNode, of key: String) -> String? {
    guard let name = text(node, of: key) else { return nil }
    if !name.isEmpty { return name }
    problems.append(Problem("'\(key)' must name a field; it is empty", at: node.location))
    return nil
  }

  /// Whether the template declares the fields that it uses, no more and no fewer: who reads
  /// `variables` should not have to look for others in the text.
  mutating func check(
    _ node: YAMLNode,
    against messages: [PromptTemplate.MessageTemplate],
    _ turns: String?
  ) {
    guard let list = node.list else {
      problems.append(
        Problem("'variables' must be a list of names; found \(node.kindName)", at: node.location)
      )
      return
    }
    let declared = list.compactMap { entry in
      fieldName(entry, of: "variables").map { (name: $0, location: entry.location) }
    }
    let used = PromptTemplate(messages: messages, maxTokens: 1, turnsField: turns).variables
    for entry in declared where !used.contains(where: { UTF8Order.equal($0, entry.name) }) {
      problems.append(
        Problem(
          "'variables' lists '\(entry.name)', which no message uses",
          at: entry.location,
          hint: didYouMean(entry.name, among: used) ?? "the messages use \(Wording.all(used))"
        )
      )
    }
    for name in used where !declared.contains(where: { UTF8Order.equal($0.name, name) }) {
      let place = messages.lazy.compactMap { $0.content.location(of: name) }.first
      problems.append(
        Problem(
          "the field '\(name)' is used, and not among the 'variables'",
          at: place ?? node.location,
          hint: "add it to 'variables'"
        )
      )
    }
  }
}
