/// Renders the statements of one template.
struct TemplateRenderer {
  /// Names of the present loop in front of those around it.
  private var scopes: [[String: TemplateValue]]
  private var namespaces: [[String: TemplateValue]] = []
  private(set) var output = TemplateText("")
  private var line = 1
  /// Steps left: a template must end, whatever the messages.
  private var budget = 1_000_000

  init(variables: [String: TemplateValue]) { scopes = [variables] }

  mutating func run(_ statements: [TemplateStatement]) throws(TemplateError) {
    for statement in statements {
      budget -= 1
      guard budget > 0 else { throw error("the template takes too many steps") }
      switch statement {
      case .text(let text): output.append(TemplateText(text))
      case .output(let expression, let line):
        self.line = line
        let value = try value(of: expression)
        guard let text = value.printed else { throw error("\(value.kindName) cannot be printed") }
        output.append(text)
      case .assign(let name, let member, let expression, let line):
        self.line = line
        try assign(try value(of: expression), to: name, member)
      case .choice(let branches, let otherwise): try choose(branches, otherwise)
      case .loop(let names, let list, let condition, let body, let line):
        self.line = line
        try loop(names, over: try value(of: list), if: condition, body)
      }
    }
  }

  private mutating func assign(
    _ value: TemplateValue,
    to name: String,
    _ member: String?
  ) throws(TemplateError) {
    guard let member else {
      scopes[scopes.count - 1][name] = value
      return
    }
    guard case .namespace(let number) = lookUp(name) else {
      throw error("'\(name)' is no namespace, so '\(name).\(member)' cannot be set")
    }
    namespaces[number][member] = value
  }

  private mutating func choose(
    _ branches: [TemplateBranch],
    _ otherwise: [TemplateStatement]
  ) throws(TemplateError) {
    for branch in branches {
      line = branch.line
      if try value(of: branch.condition).isTrue { return try run(branch.body) }
    }
    try run(otherwise)
  }

  private mutating func loop(
    _ names: [String],
    over list: TemplateValue,
    if condition: TemplateExpression?,
    _ body: [TemplateStatement]
  ) throws(TemplateError) {
    guard case .list(var elements) = list else {
      throw error("a loop goes over \(list.kindName); expected a list")
    }
    guard names.count == 1 else { throw error("loops over several names are not supported") }
    if let condition {
      var kept: [TemplateValue] = []
      for element in elements {
        scopes.append([names[0]: element])
        if try value(of: condition).isTrue { kept.append(element) }
        scopes.removeLast()
      }
      elements = kept
    }
    for (index, element) in elements.enumerated() {
      let loop: [(key: String, value: TemplateValue)] = [
        ("index", .integer(index + 1)), ("index0", .integer(index)),
        ("revindex", .integer(elements.count - index)),
        ("revindex0", .integer(elements.count - index - 1)), ("first", .bool(index == 0)),
        ("last", .bool(index == elements.count - 1)), ("length", .integer(elements.count)),
        ("previtem", index > 0 ? elements[index - 1] : .undefined),
        ("nextitem", index + 1 < elements.count ? elements[index + 1] : .undefined),
      ]
      // What a turn of the loop sets is gone with it, as in Jinja.
      scopes.append([names[0]: element, "loop": .map(loop)])
      try run(body)
      scopes.removeLast()
    }
  }

  private func lookUp(_ name: String) -> TemplateValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return ["raise_exception", "namespace"].contains(name)
      ? .function(name, of: nil) : .undefined
  }

  private func error(_ message: String) -> TemplateError {
    TemplateError(line: line, message)
  }
}

// MARK: - Values

extension TemplateRenderer {
  private mutating func value(
    of expression: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    switch expression {
    case .constant(let value): return value
    case .name(let name): return lookUp(name)
    case .list(let elements):
      var values: [TemplateValue] = []
      for element in elements { values.append(try value(of: element)) }
      return .list(values)
    case .member(let base, let key): return try member(try value(of: key), of: try value(of: base))
    case .slice(let base, let start, let end):
      return try slice(
        try value(of: base),
        from: try start.map { expression throws(TemplateError) in try value(of: expression) },
        to: try end.map { expression throws(TemplateError) in try value(of: expression) }
      )
    case .call(let function, let arguments): return try call(try value(of: function), arguments)
    case .filter(let base, let name, let arguments):
      return try filter(try value(of: base), name, arguments)
    case .test(let base, let name, let isNegated):
      return .bool(try test(try value(of: base), name) != isNegated)
    case .not(let inner): return .bool(try !value(of: inner).isTrue)
    case .negative(let inner):
      guard case .integer(let number) = try value(of: inner) else {
        throw error("only numbers can be negative")
      }
      return .integer(-number)
    case .binary(let sign, let left, let right): return try binary(sign, left, right)
    case .choice(let condition, let chosen, let otherwise):
      if try value(of: condition).isTrue { return try value(of: chosen) }
      guard let otherwise else { return .undefined }
      return try value(of: otherwise)
    }
  }

  private func member(
    _ key: TemplateValue,
    of base: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch (base, key) {
    case (.map(let members), .text(let name)):
      return members.first { $0.key == name.string }?.value ?? .undefined
    case (.namespace(let number), .text(let name)):
      return namespaces[number][name.string] ?? .undefined
    case (.list(let elements), .integer(let index)):
      let place = index < 0 ? elements.count + index : index
      return elements.indices.contains(place) ? elements[place] : .undefined
    case (.text, .text(let name)): return .function(name.string, of: base)
    case (.undefined, _):
      throw error("a member of something undefined is asked for")
    default: throw error("\(base.kindName) has no member \(key.printed?.string ?? key.kindName)")
    }
  }

  private func slice(
    _ base: TemplateValue,
    from start: TemplateValue?,
    to end: TemplateValue?
  ) throws(TemplateError) -> TemplateValue {
    guard case .list(let elements) = base else {
      throw error("only lists can be cut, found \(base.kindName)")
    }
    func place(_ value: TemplateValue?, _ fallback: Int) throws(TemplateError) -> Int {
      guard let value else { return fallback }
      guard case .integer(let number) = value else { throw error("a place in a list is no number") }
      return min(max(number < 0 ? elements.count + number : number, 0), elements.count)
    }
    let (from, to) = (try place(start, 0), try place(end, elements.count))
    return .list(from < to ? Array(elements[from..<to]) : [])
  }

  private mutating func binary(
    _ sign: String,
    _ left: TemplateExpression,
    _ right: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    let one = try value(of: left)
    // These two look at the right side only where it matters.
    if sign == "and" { return one.isTrue ? try value(of: right) : one }
    if sign == "or" { return one.isTrue ? one : try value(of: right) }
    let other = try value(of: right)
    switch (sign, one, other) {
    case ("==", _, _): return .bool(one.equals(other))
    case ("!=", _, _): return .bool(!one.equals(other))
    case ("in", _, _): return .bool(try contains(other, one))
    case ("+", .text(let one), .text(let other)): return .text(one + other)
    case ("+", .list(let one), .list(let other)): return .list(one + other)
    case ("~", _, _):
      guard let one = one.printed, let other = other.printed else { break }
      return .text(one + other)
    case (_, .integer(let one), .integer(let other)):
      if let value = Self.arithmetic(sign, one, other) { return value }
    default: break
    }
    throw error("'\(sign)' does not join \(one.kindName) and \(other.kindName)")
  }

  private static func arithmetic(_ sign: String, _ one: Int, _ other: Int) -> TemplateValue? {
    switch sign {
    case "<": .bool(one < other)
    case ">": .bool(one > other)
    case "<=": .bool(one <= other)
    case ">=": .bool(one >= other)
    case "+": .integer(one &+ other)
    case "-": .integer(one &- other)
    case "*": .integer(one &* other)
    // Python's remainder has the sign of the divisor.
    case "%" where other > 0: .integer(((one % other) + other) % other)
    case "//" where other > 0: .integer(one >= 0 ? one / other : -((other - 1 - one) / other))
    default: nil
    }
  }

  private func contains(
    _ whole: TemplateValue,
    _ part: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch (whole, part) {
    case (.list(let elements), _): return elements.contains { $0.equals(part) }
    case (.map(let members), .text(let name)): return members.contains { $0.key == name.string }
    case (.text(let whole), .text(let part)):
      return part.string.isEmpty || whole.string.contains(part.string)
    default: throw error("'in' does not look for \(part.kindName) in \(whole.kindName)")
    }
  }
}

// MARK: - Functions, filters, tests

extension TemplateRenderer {
  private mutating func call(
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

  private mutating func filter(
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

  private func test(_ base: TemplateValue, _ name: String) throws(TemplateError) -> Bool {
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
