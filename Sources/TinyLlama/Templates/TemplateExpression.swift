/// What has a value in a template.
indirect enum TemplateExpression: Sendable {
  case constant(TemplateValue)
  case name(String)
  case list([TemplateExpression])
  /// `base.name` or `base[index]`.
  case member(TemplateExpression, TemplateExpression)
  /// `base[from:to]`.
  case slice(TemplateExpression, TemplateExpression?, TemplateExpression?)
  case call(TemplateExpression, [TemplateArgument])
  case filter(TemplateExpression, name: String, [TemplateArgument])
  case test(TemplateExpression, name: String, isNegated: Bool)
  case not(TemplateExpression)
  case negative(TemplateExpression)
  case binary(String, TemplateExpression, TemplateExpression)
  case choice(condition: TemplateExpression, TemplateExpression, otherwise: TemplateExpression?)
}

/// A value handed to a function or filter, with its name where it has one.
struct TemplateArgument: Sendable {
  let name: String?
  let value: TemplateExpression
}

/// Reads the expressions of Jinja, in its order of precedence.
///
/// Source: `jinja2/parser.py`; every method is one level, the loosest first.
struct TemplateExpressionParser {
  private let tokens: [TemplateToken]
  private let line: Int
  private var index = 0
  private var depth = 0
  private var links = 0

  /// Expressions inside of each other.
  ///
  /// Far above any template's needs, as is the other limit: trees are read and walked by calls
  /// within calls, and a stack that is full ends the process.
  private static let deepest = 50
  /// Operators, members, filters and signs in one tag, each a level of its tree.
  private static let longest = 500

  init(_ tokens: [TemplateToken], line: Int) {
    self.tokens = tokens
    self.line = line
  }

  var isAtEnd: Bool { index == tokens.count }

  func error(_ message: String) -> TemplateError { TemplateError(line: line, message) }

  /// Refuses what is left over.
  func end() throws(TemplateError) {
    guard isAtEnd else { throw error("'\(tokens[index].text)' cannot stand here") }
  }

  mutating func take(_ token: TemplateToken) -> Bool {
    guard index < tokens.count, tokens[index] == token else { return false }
    index += 1
    return true
  }

  mutating func expect(_ token: TemplateToken) throws(TemplateError) {
    guard take(token) else { throw error("expected '\(token.text)'\(found)") }
  }

  mutating func name() throws(TemplateError) -> String {
    guard index < tokens.count, case .name(let name) = tokens[index] else {
      throw error("expected a name\(found)")
    }
    index += 1
    return name
  }

  private var found: String {
    isAtEnd ? ", found the end of the tag" : ", found '\(tokens[index].text)'"
  }

  /// Counts one more level of the tree.
  private mutating func link() throws(TemplateError) {
    links += 1
    guard links <= Self.longest else {
      throw error("an expression has more than \(Self.longest) parts")
    }
  }

  mutating func expression() throws(TemplateError) -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw error("expressions are nested more than \(Self.deepest) levels deep")
    }
    let value = try either()
    guard take(.name("if")) else { return value }
    let condition = try either()
    let otherwise = take(.name("else")) ? try expression() : nil
    return .choice(condition: condition, value, otherwise: otherwise)
  }

  /// The list of a loop, and which of its elements are meant: `list if condition`.
  mutating func loopSource() throws(TemplateError) -> (TemplateExpression, TemplateExpression?) {
    let list = try either()
    return (list, take(.name("if")) ? try expression() : nil)
  }

  private mutating func either() throws(TemplateError) -> TemplateExpression {
    var left = try both()
    while take(.name("or")) {
      try link()
      left = .binary("or", left, try both())
    }
    return left
  }

  private mutating func both() throws(TemplateError) -> TemplateExpression {
    var left = try negation()
    while take(.name("and")) {
      try link()
      left = .binary("and", left, try negation())
    }
    return left
  }

  private mutating func negation() throws(TemplateError) -> TemplateExpression {
    guard take(.name("not")) else { return try comparison() }
    try link()
    return .not(try negation())
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    var left = try sum()
    while true {
      if let sign = symbol(["==", "!=", "<", ">", "<=", ">="]) ?? (take(.name("in")) ? "in" : nil) {
        try link()
        left = .binary(sign, left, try sum())
      } else if index + 1 < tokens.count, tokens[index] == .name("not"),
        tokens[index + 1] == .name("in")
      {
        index += 2
        try link()
        left = .not(.binary("in", left, try sum()))
      } else {
        return left
      }
    }
  }

  private mutating func sum() throws(TemplateError) -> TemplateExpression {
    var left = try joined()
    while let sign = symbol(["+", "-"]) {
      try link()
      left = .binary(sign, left, try joined())
    }
    return left
  }

  private mutating func joined() throws(TemplateError) -> TemplateExpression {
    var left = try product()
    while take(.symbol("~")) {
      try link()
      left = .binary("~", left, try product())
    }
    return left
  }

  private mutating func product() throws(TemplateError) -> TemplateExpression {
    var left = try signed()
    while let sign = symbol(["*", "//", "/", "%"]) {
      try link()
      left = .binary(sign, left, try signed())
    }
    return left
  }

  private mutating func signed() throws(TemplateError) -> TemplateExpression {
    if take(.symbol("-")) {
      try link()
      return .negative(try signed())
    }
    return try filtered(try postfixed(try primary()))
  }

  private mutating func symbol(_ symbols: [String]) -> String? {
    symbols.first { take(.symbol($0)) }
  }

  private mutating func primary() throws(TemplateError) -> TemplateExpression {
    guard !isAtEnd else { throw error("expected a value\(found)") }
    let token = tokens[index]
    index += 1
    switch token {
    case .text(let text): return .constant(.text(TemplateText(text)))
    case .integer(let number): return .constant(.integer(number))
    case .name("true"), .name("True"): return .constant(.bool(true))
    case .name("false"), .name("False"): return .constant(.bool(false))
    case .name("none"), .name("None"): return .constant(.none)
    case .name(let name): return .name(name)
    case .symbol("("):
      let inner = try expression()
      try expect(.symbol(")"))
      return inner
    case .symbol("["): return .list(try elements(until: "]"))
    case .symbol(let symbol): throw error("'\(symbol)' cannot stand here")
    }
  }

  private mutating func elements(until closing: String) throws(TemplateError)
    -> [TemplateExpression]
  {
    var elements: [TemplateExpression] = []
    while !take(.symbol(closing)) {
      if !elements.isEmpty { try expect(.symbol(",")) }
      elements.append(try expression())
    }
    return elements
  }

  private mutating func postfixed(
    _ base: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var value = base
    while true {
      if take(.symbol(".")) {
        value = .member(value, .constant(.text(TemplateText(try name()))))
      } else if take(.symbol("[")) {
        value = try subscripted(value)
      } else if take(.symbol("(")) {
        value = .call(value, try arguments())
      } else {
        return value
      }
      try link()
    }
  }

  private mutating func subscripted(
    _ base: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    let start = take(.symbol(":")) ? nil : try expression()
    if start != nil, take(.symbol("]")), let start { return .member(base, start) }
    if start != nil { try expect(.symbol(":")) }
    if take(.symbol("]")) { return .slice(base, start, nil) }
    let end = try expression()
    try expect(.symbol("]"))
    return .slice(base, start, end)
  }

  private mutating func arguments() throws(TemplateError) -> [TemplateArgument] {
    var arguments: [TemplateArgument] = []
    while !take(.symbol(")")) {
      if !arguments.isEmpty { try expect(.symbol(",")) }
      if index + 1 < tokens.count, case .name(let name) = tokens[index],
        tokens[index + 1] == .symbol("=")
      {
        index += 2
        arguments.append(TemplateArgument(name: name, value: try expression()))
      } else {
        arguments.append(TemplateArgument(name: nil, value: try expression()))
      }
    }
    return arguments
  }

  /// Filters and tests bind to what stands directly before them.
  private mutating func filtered(
    _ base: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var value = base
    while true {
      if take(.symbol("|")) {
        let name = try name()
        value = .filter(value, name: name, take(.symbol("(")) ? try arguments() : [])
      } else if take(.name("is")) {
        let isNegated = take(.name("not"))
        value = .test(value, name: try name(), isNegated: isNegated)
      } else {
        return value
      }
      try link()
    }
  }
}
