package import Primitives

/// One message of a chat.
package struct ChatMessage: Sendable, Hashable {
  /// Who speaks.
  package enum Role: String, Sendable, CaseIterable {
    case system, user, assistant
  }

  package let role: Role
  package let content: String

  package init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }

  /// Reads `{"role": …, "content": "…"}`; other members and roles are refused by name.
  package init(json: JSON) throws(ChatError) {
    guard let object = json.object else {
      throw ChatError("a message is \(json.kindName); expected a map with 'role' and 'content'")
    }
    for key in object.keys where key != "role" && key != "content" {
      throw ChatError("a message has '\(key)'; embedded models take only 'role' and 'content'")
    }
    guard let name = object["role"]?.string else {
      throw ChatError("a message has no 'role'")
    }
    guard let role = Role(rawValue: name) else {
      throw ChatError("role '\(name)' is unknown; expected 'system', 'user' or 'assistant'")
    }
    guard let content = object["content"]?.string else {
      let found = object["content"].map { "'content' is \($0.kindName)" } ?? "'content' is missing"
      throw ChatError("a message of role '\(name)' needs a text, but \(found)")
    }
    self.init(role, content)
  }

  /// Reads a list of at least one message.
  package static func list(json: JSON) throws(ChatError) -> [ChatMessage] {
    guard let list = json.array else {
      throw ChatError("'messages' is \(json.kindName); expected a list")
    }
    guard !list.isEmpty else { throw ChatError("'messages' is empty; expected at least one") }
    var messages: [ChatMessage] = []
    for element in list { messages.append(try ChatMessage(json: element)) }
    return messages
  }
}

/// Why something is not a chat message.
package struct ChatError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
