package import Diagnostics
package import Primitives

/// The part of a template that writes a label as the assistant's turn, for training and examples.
package struct TargetTemplate: Sendable {
  private let content: TextTemplate

  init(content: TextTemplate) {
    self.content = content
  }

  /// The part as an object of the store: `{"content": "{{label}}"}`.
  package var json: JSON { ["content": .string(content.source)] }

  package init(json: JSON) throws(Problem) {
    guard let source = json["content"]?.string else {
      throw Problem("a target must have a 'content'; found \(json.kindName)", at: nil)
    }
    self.init(content: try TextTemplate(source, origin: .part("target")))
  }

  /// The fields that a record must have, `label` apart.
  package var variables: [String] { content.variables.filter { $0 != "label" } }

  /// The assistant's turn for a record and a label, its own or a teacher's.
  package func render(_ record: Record, label: String) throws(Problem) -> ChatMessage {
    ChatMessage(role: .assistant, content: try content.render(record, label: label))
  }
}
