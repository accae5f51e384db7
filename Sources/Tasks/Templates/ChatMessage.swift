package import Primitives

/// One message of a conversation with a model.
package struct ChatMessage: Hashable, Sendable {
  /// Who speaks; the chat API's word for it is the case's name.
  package enum Role: String, CaseIterable, Sendable {
    case system, user, assistant
  }

  package let role: Role
  package let content: String

  package init(role: Role, content: String) {
    self.role = role
    self.content = content
  }

  package var json: JSON {
    ["role": .string(role.rawValue), "content": .string(content)]
  }

  package static func == (left: ChatMessage, right: ChatMessage) -> Bool {
    left.role == right.role && UTF8Order.equal(left.content, right.content)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(role)
    for byte in content.utf8 { hasher.combine(byte) }
  }
}
