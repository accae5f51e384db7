/// Cuts a template into texts, outputs `{{ … }}` and statements `{% … %}`.
///
/// White space is treated as chat templates expect: a statement that stands alone on its line leaves
/// no trace of the line (Jinja's `trim_blocks` and `lstrip_blocks`), and a minus sign inside a tag
/// takes away all white space on that side. Comments vanish.
struct TemplateLexer {
  /// A piece of the template.
  struct Segment {
    enum Content {
      case text(String)
      case output([TemplateToken])
      case statement([TemplateToken])
    }

    let content: Content
    let line: Int
  }

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var segments: [Segment] = []
  /// Whether the tag before the present text took the end of its line; so does the very start.
  private var tagEndedLine = true

  static func segments(of source: String) throws(TemplateError) -> [Segment] {
    var lexer = TemplateLexer(source)
    try lexer.run()
    return lexer.segments
  }

  private init(_ source: String) {
    var scalars = Array(source.unicodeScalars)
    // Jinja drops one line end at the very end of a template.
    if scalars.last == "\n" { scalars.removeLast() }
    self.scalars = scalars
  }

  private mutating func run() throws(TemplateError) {
    var text: [Unicode.Scalar] = []
    while index < scalars.count {
      guard scalars[index] == "{", let kind = TagKind(scalars, at: index + 1) else {
        text.append(advance())
        continue
      }
      let start = line
      index += 2
      trim(&text, before: kind)
      append(text, line: start)
      text = []
      switch kind {
      case .comment: try skipComment(from: start)
      case .output: segments.append(Segment(content: .output(try tokens(to: kind)), line: start))
      case .statement:
        segments.append(Segment(content: .statement(try tokens(to: kind)), line: start))
      }
    }
    append(text, line: line)
  }

  /// What a tag is, by its second character.
  private enum TagKind: Unicode.Scalar {
    case output = "{"
    case statement = "%"
    case comment = "#"

    init?(_ scalars: [Unicode.Scalar], at index: Int) {
      guard index < scalars.count else { return nil }
      self.init(rawValue: scalars[index])
    }

    var closing: [Unicode.Scalar] { self == .output ? ["}", "}"] : [rawValue, "}"] }
  }

  private mutating func advance() -> Unicode.Scalar {
    defer { index += 1 }
    if scalars[index] == "\n" { line += 1 }
    return scalars[index]
  }

  private mutating func append(_ text: [Unicode.Scalar], line: Int) {
    guard !text.isEmpty else { return }
    segments.append(Segment(content: .text(String(String.UnicodeScalarView(text))), line: line))
  }

  /// Takes away white space in front of a tag whose kind or sign asks for it.
  private mutating func trim(_ text: inout [Unicode.Scalar], before kind: TagKind) {
    if index < scalars.count, scalars[index] == "-" {
      index += 1
      while let last = text.last, last.properties.isWhitespace { text.removeLast() }
      return
    }
    if index < scalars.count, scalars[index] == "+", kind != .output {
      index += 1
      return
    }
    guard kind != .output else { return }
    let indent = text.reversed().prefix { $0 == " " || $0 == "\t" }.count
    let isLineStart =
      text.count == indent ? tagEndedLine : text[text.count - indent - 1] == "\n"
    if isLineStart { text.removeLast(indent) }
  }

  /// Steps behind the end of a tag, and over the white space that it takes away.
  private mutating func close(_ kind: TagKind, trims: Bool) {
    index += 2
    tagEndedLine = false
    if trims {
      while index < scalars.count, scalars[index].properties.isWhitespace { _ = advance() }
    } else if kind != .output, index < scalars.count, scalars[index] == "\n" {
      _ = advance()
      tagEndedLine = true
    }
  }

  private func stands(_ pattern: [Unicode.Scalar], at place: Int) -> Bool {
    place + pattern.count <= scalars.count
      && scalars[place..<place + pattern.count].elementsEqual(pattern)
  }

  private mutating func skipComment(from start: Int) throws(TemplateError) {
    while index < scalars.count {
      if stands(["-", "#", "}"], at: index) {
        index += 1
        return close(.comment, trims: true)
      }
      if stands(["#", "}"], at: index) { return close(.comment, trims: false) }
      _ = advance()
    }
    throw TemplateError(line: start, "a comment is not closed")
  }

  /// The tokens up to the end of the tag.
  private mutating func tokens(to kind: TagKind) throws(TemplateError) -> [TemplateToken] {
    let start = line
    var tokens: [TemplateToken] = []
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar.properties.isWhitespace {
        _ = advance()
      } else if scalar == "-", stands(kind.closing, at: index + 1) {
        index += 1
        close(kind, trims: true)
        return tokens
      } else if stands(kind.closing, at: index) {
        close(kind, trims: false)
        return tokens
      } else {
        tokens.append(try token())
      }
    }
    throw TemplateError(line: start, "a tag is not closed")
  }

  private mutating func token() throws(TemplateError) -> TemplateToken {
    let scalar = scalars[index]
    if scalar == "'" || scalar == "\"" { return .text(try literal(until: advance())) }
    if scalar.properties.isAlphabetic || scalar == "_" {
      return .name(take { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) })
    }
    if ("0"..."9").contains(scalar) {
      let digits = take { ("0"..."9").contains($0) }
      guard let number = Int(digits) else {
        throw TemplateError(line: line, "number '\(digits)' is too large")
      }
      return .integer(number)
    }
    for symbol in TemplateToken.symbols where stands(Array(symbol.unicodeScalars), at: index) {
      index += symbol.unicodeScalars.count
      return .symbol(symbol)
    }
    throw TemplateError(line: line, "'\(scalar)' cannot stand here")
  }

  private mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
    var text = String.UnicodeScalarView()
    while index < scalars.count, condition(scalars[index]) { text.append(advance()) }
    return String(text)
  }

  /// A text in quotes, its escapes resolved; one that is unknown keeps its backslash, as in Python.
  private mutating func literal(until quote: Unicode.Scalar) throws(TemplateError) -> String {
    let start = line
    var text = String.UnicodeScalarView()
    while index < scalars.count {
      let scalar = advance()
      if scalar == quote { return String(text) }
      guard scalar == "\\", index < scalars.count else {
        text.append(scalar)
        continue
      }
      let escaped = advance()
      switch escaped {
      case "n": text.append("\n")
      case "t": text.append("\t")
      case "r": text.append("\r")
      case "\\", "'", "\"": text.append(escaped)
      default: text.append(contentsOf: [scalar, escaped])
      }
    }
    throw TemplateError(line: start, "a text is not closed")
  }
}

/// The smallest part of what stands in a tag.
enum TemplateToken: Hashable, Sendable {
  case name(String)
  case text(String)
  case integer(Int)
  case symbol(String)

  /// Longer ones first, so that none is taken for the start of another.
  static let symbols = [
    "==", "!=", "<=", ">=", "//", "**", "<", ">", "+", "-", "*", "/", "%", "~", "|", "(", ")", "[",
    "]", "{", "}", ".", ",", ":", "=",
  ]

  var text: String {
    switch self {
    case .name(let text), .symbol(let text): text
    case .text(let text): "'\(text)'"
    case .integer(let number): "\(number)"
    }
  }
}
