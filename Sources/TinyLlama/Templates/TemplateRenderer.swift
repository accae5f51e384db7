/// Renders the statements of one template.
struct TemplateRenderer {
  /// Names of the present loop in front of those around it.
  private var scopes: [[String: TemplateValue]]
  var namespaces: [[String: TemplateValue]] = []
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

  func lookUp(_ name: String) -> TemplateValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return ["raise_exception", "namespace"].contains(name)
      ? .function(name, of: nil) : .undefined
  }

  func error(_ message: String) -> TemplateError {
    TemplateError(line: line, message)
  }
}
