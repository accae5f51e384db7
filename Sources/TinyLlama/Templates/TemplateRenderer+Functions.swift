/// The functions, filters and tests of Jinja that chat templates use; others are refused by name.
extension TemplateRenderer {
  mutating func call(
    _ function: TemplateValue,
    _ arguments: [TemplateArgument]
  ) throws(TemplateError) -> TemplateValue {
    guard case .function(let name, let owner) = function else {
      throw error("\(function.kindName) cannot be called")
    }
    var values: [TemplateValue] = []
    for argument in arguments { values.append(try value(of: argument.value)) }
    switch (name, owner) {
    case ("raise_exception", nil):
      throw TemplateError("the chat template refuses: \(values.first?.printed?.string ?? "")")
    case ("namespace", nil):
      var members: [String: TemplateValue] = [:]
      for (argument, value) in zip(arguments, values) {
        guard let name = argument.name else { throw error("'namespace' takes named values only") }
        members[name] = value
      }
      namespaces.append(members)
      return .namespace(namespaces.count - 1)
    case ("strip", .text(let text)?) where values.isEmpty: return .text(text.trimmed())
    case ("lstrip", .text(let text)?) where values.isEmpty: return .text(text.trimmed(end: false))
    case ("rstrip", .text(let text)?) where values.isEmpty:
      return .text(text.trimmed(start: false))
    case ("startswith", .text(let text)?):
      guard case .text(let start)? = values.first else { break }
      return .bool(text.string.utf8.starts(with: start.string.utf8))
    case ("endswith", .text(let text)?):
      guard case .text(let end)? = values.first else { break }
      return .bool(text.string.utf8.reversed().starts(with: end.string.utf8.reversed()))
    default: break
    }
    throw error("'\(name)(…)' is not supported")
  }

  mutating func filter(
    _ base: TemplateValue,
    _ name: String,
    _ arguments: [TemplateArgument]
  ) throws(TemplateError) -> TemplateValue {
    switch (name, base) {
    case ("trim", .text(let text)) where arguments.isEmpty: return .text(text.trimmed())
    case ("length", .list(let elements)), ("count", .list(let elements)):
      return .integer(elements.count)
    case ("length", .text(let text)), ("count", .text(let text)):
      return .integer(text.string.unicodeScalars.count)
    case ("first", .list(let elements)): return elements.first ?? .undefined
    case ("last", .list(let elements)): return elements.last ?? .undefined
    case ("string", _): if let text = base.printed { return .text(text) }
    case ("safe", .text): return base
    case ("default", _), ("d", _):
      guard case .undefined = base else { return base }
      guard let fallback = arguments.first else { return .text(TemplateText("")) }
      return try value(of: fallback.value)
    default: break
    }
    throw error("filter '\(name)' is not supported on \(base.kindName)")
  }

  func test(_ base: TemplateValue, _ name: String) throws(TemplateError) -> Bool {
    switch (name, base) {
    case ("defined", .undefined): false
    case ("defined", _): true
    case ("undefined", .undefined), ("none", .none), ("string", .text), ("number", .integer),
      ("mapping", .map), ("boolean", .bool):
      true
    case ("undefined", _), ("none", _), ("string", _), ("number", _), ("mapping", _),
      ("boolean", _):
      false
    case ("iterable", _), ("sequence", _):
      switch base {
      case .text, .list, .map: true
      default: false
      }
    case ("true", .bool(let value)): value
    case ("false", .bool(let value)): !value
    case ("true", _), ("false", _): false
    default: throw error("test 'is \(name)' is not supported")
    }
  }
}
