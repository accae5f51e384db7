import Primitives

/// Brings the forms that clients give messages to the one that the runtime reads.
enum ChatContent {
  /// Joins text parts into one text, takes `developer` for `system`, and drops null members and names.
  static func flattened(messages: JSON) throws(APIError) -> JSON {
    guard let elements = messages.array else { return messages }
    var flat: [JSON] = []
    for (index, element) in elements.enumerated() {
      guard let object = element.object else {
        throw .invalid(
          "messages[\(index)]",
          "'messages[\(index)]' is \(element.kindName); expected a map"
        )
      }
      flat.append(.object(try flattened(object, index: index)))
    }
    return .array(flat)
  }

  private static func flattened(
    _ message: JSONObject,
    index: Int
  ) throws(APIError) -> JSONObject {
    var flat = JSONObject()
    for (key, value) in message.members where !value.isNull {
      switch key {
      // A participant's name never reaches the prompt, here as with models of this template.
      case "name": continue
      case "content": flat[key] = .string(try text(of: value, index: index))
      case "role": flat[key] = value == "developer" ? "system" : value
      default: flat[key] = value
      }
    }
    return flat
  }

  private static func text(of content: JSON, index: Int) throws(APIError) -> String {
    if let text = content.string { return text }
    let name = "messages[\(index)].content"
    guard let parts = content.array else {
      throw .invalid(name, "'\(name)' is \(content.kindName); expected a text or a list of parts")
    }
    var text = ""
    for part in parts {
      guard part["type"] == "text", let piece = part["text"]?.string else {
        throw .unsupported(name, "'\(name)' holds a part that is not text; this model reads text")
      }
      text += piece
    }
    return text
  }
}
