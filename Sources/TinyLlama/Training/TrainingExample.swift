import Primitives

/// A chat to learn from: every turn of the assistant is learned, all else is what it answers to.
package struct TrainingExample: Sendable, Hashable {
  package let messages: [ChatMessage]

  package init(messages: [ChatMessage]) {
    self.messages = messages
  }

  /// Reads lines of `{"messages": […]}`, the chat form that fine-tuning services take.
  ///
  /// Empty lines and a byte order mark are skipped; other members of a line are refused by name,
  /// since a weight or a tool that is not obeyed would change the result unseen.
  package static func parse(jsonLines: [UInt8]) throws(TrainingError) -> [TrainingExample] {
    var examples: [TrainingExample] = []
    let start = jsonLines.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let lines = jsonLines[start...].split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        examples.append(try TrainingExample(json: JSON(parsing: line)))
      } catch {
        throw .malformedLine(line: index + 1, message: "\(error)")
      }
    }
    return examples
  }

  private init(json: JSON) throws {
    guard let object = json.object else {
      throw ChatError("found \(json.kindName); expected a map with 'messages'")
    }
    for key in object.keys where key != "messages" {
      throw ChatError("member '\(key)' is not supported; expected only 'messages'")
    }
    guard let messages = object["messages"] else { throw ChatError("'messages' is missing") }
    self.messages = try ChatMessage.list(json: messages)
  }
}
