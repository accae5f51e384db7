/// What a template does, in order.
indirect enum TemplateStatement: Sendable {
  case text(String)
  case output(TemplateExpression, line: Int)
  case assign(name: String, member: String?, TemplateExpression, line: Int)
  case choice([TemplateBranch], otherwise: [TemplateStatement])
  case loop(
    names: [String],
    TemplateExpression,
    condition: TemplateExpression?,
    [TemplateStatement],
    line: Int
  )
}

/// One `if` or `elif` with what it guards.
struct TemplateBranch: Sendable {
  let condition: TemplateExpression
  let body: [TemplateStatement]
  let line: Int
}

/// Reads the statements of a template: `for`, `if` and `set`; others are refused by name.
struct TemplateParser {
  private let segments: [TemplateLexer.Segment]
  private var index = 0
  private var depth = 0

  /// Blocks inside of each other; as with expressions, the stack is finite.
  private static let deepest = 50

  static func statements(of source: String) throws(TemplateError) -> [TemplateStatement] {
    var parser = TemplateParser(segments: try TemplateLexer.segments(of: source))
    let statements = try parser.statements(until: [])
    return statements.body
  }

  private init(segments: [TemplateLexer.Segment]) { self.segments = segments }

  /// What stands before one of the ends, and the tag that was the end.
  private struct Block {
    let body: [TemplateStatement]
    let end: String
    /// Of the tag at the end, behind its name.
    let rest: TemplateExpressionParser
    let line: Int
  }

  private mutating func statements(until ends: Set<String>) throws(TemplateError) -> Block {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw TemplateError("blocks are nested more than \(Self.deepest) levels deep")
    }
    var body: [TemplateStatement] = []
    while index < segments.count {
      let segment = segments[index]
      index += 1
      switch segment.content {
      case .text(let text): body.append(.text(text))
      case .output(let tokens):
        var parser = TemplateExpressionParser(tokens, line: segment.line)
        body.append(.output(try parser.expression(), line: segment.line))
        try parser.end()
      case .statement(let tokens):
        var parser = TemplateExpressionParser(tokens, line: segment.line)
        let name = try parser.name()
        if ends.contains(name) {
          return Block(body: body, end: name, rest: parser, line: segment.line)
        }
        // Hugging Face's mark of what a model says: it changes no text.
        if name == "generation" || name == "endgeneration" { continue }
        body.append(try statement(name, parser, line: segment.line))
      }
    }
    guard ends.isEmpty else {
      throw TemplateError("'\(ends.sorted()[0])' is missing at the end of the template")
    }
    return Block(body: body, end: "", rest: TemplateExpressionParser([], line: 1), line: 1)
  }

  private mutating func statement(
    _ name: String,
    _ parser: TemplateExpressionParser,
    line: Int
  ) throws(TemplateError) -> TemplateStatement {
    switch name {
    case "if": try choice(parser, line: line)
    case "for": try loop(parser, line: line)
    case "set": try assignment(parser, line: line)
    default:
      throw TemplateError(
        line: line,
        "statement '\(name)' is not supported; this runtime has 'for', 'if' and 'set'"
      )
    }
  }

  private mutating func choice(
    _ first: TemplateExpressionParser,
    line: Int
  ) throws(TemplateError) -> TemplateStatement {
    var branches: [TemplateBranch] = []
    var parser = first
    var start = line
    while true {
      let condition = try parser.expression()
      try parser.end()
      let block = try statements(until: ["elif", "else", "endif"])
      branches.append(TemplateBranch(condition: condition, body: block.body, line: start))
      if block.end == "endif" { return .choice(branches, otherwise: []) }
      if block.end == "else" {
        return .choice(branches, otherwise: try statements(until: ["endif"]).body)
      }
      (parser, start) = (block.rest, block.line)
    }
  }

  private mutating func loop(
    _ head: TemplateExpressionParser,
    line: Int
  ) throws(TemplateError) -> TemplateStatement {
    var parser = head
    var names = [try parser.name()]
    while parser.take(.symbol(",")) { names.append(try parser.name()) }
    try parser.expect(.name("in"))
    // A whole expression would take a condition behind it for a choice of its own.
    let (list, condition) = try parser.loopSource()
    try parser.end()
    let block = try statements(until: ["endfor"])
    return .loop(names: names, list, condition: condition, block.body, line: line)
  }

  private mutating func assignment(
    _ head: TemplateExpressionParser,
    line: Int
  ) throws(TemplateError) -> TemplateStatement {
    var parser = head
    let name = try parser.name()
    let member = parser.take(.symbol(".")) ? try parser.name() : nil
    try parser.expect(.symbol("="))
    let value = try parser.expression()
    try parser.end()
    return .assign(name: name, member: member, value, line: line)
  }
}
