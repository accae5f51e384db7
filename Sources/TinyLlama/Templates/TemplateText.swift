/// A text that knows which of its parts come from messages.
///
/// Special tokens count only where the template itself writes them: what a user says can never end
/// a turn, and what the assistant says is what training learns.
struct TemplateText: Sendable {
  enum Source: Sendable, Hashable {
    case template
    case message(ChatMessage.Role)
  }

  /// A part from one source.
  struct Run: Sendable, Hashable {
    var text: String
    let source: Source
  }

  private(set) var runs: [Run]

  init(_ text: String, source: Source = .template) {
    // An empty answer is an answer too: its place must not be lost.
    runs = text.isEmpty && source == .template ? [] : [Run(text: text, source: source)]
  }

  var string: String { runs.reduce(into: "") { $0 += $1.text } }

  static func + (one: TemplateText, other: TemplateText) -> TemplateText {
    var result = one
    result.append(other)
    return result
  }

  mutating func append(_ other: TemplateText) {
    for run in other.runs {
      if run.source == .template, runs.last?.source == .template {
        runs[runs.count - 1].text += run.text
      } else {
        runs.append(run)
      }
    }
  }

  /// Without white space at its start, its end or both.
  func trimmed(start: Bool = true, end: Bool = true) -> TemplateText {
    var result = self
    if start {
      for index in result.runs.indices {
        let rest = result.runs[index].text.unicodeScalars.drop { $0.properties.isWhitespace }
        result.runs[index].text = String(String.UnicodeScalarView(rest))
        if !rest.isEmpty { break }
      }
    }
    if end {
      for index in result.runs.indices.reversed() {
        var scalars = result.runs[index].text.unicodeScalars
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        result.runs[index].text = String(scalars)
        if !scalars.isEmpty { break }
      }
    }
    return result
  }
}

/// A value of a template.
enum TemplateValue: Sendable {
  /// What no one has set; it prints as nothing.
  case undefined
  case none
  case bool(Bool)
  case integer(Int)
  case text(TemplateText)
  case list([TemplateValue])
  case map([(key: String, value: TemplateValue)])
  /// A namespace, by its number among those that the rendering made.
  case namespace(Int)
  /// A function or method, by its name, with what it belongs to.
  indirect case function(String, of: TemplateValue?)

  /// As Python decides conditions.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let bool): bool
    case .integer(let number): number != 0
    case .text(let text): !text.string.isEmpty
    case .list(let list): !list.isEmpty
    case .map(let members): !members.isEmpty
    case .namespace, .function: true
    }
  }

  /// As Python prints it; nil for what has no printed form here.
  var printed: TemplateText? {
    switch self {
    case .undefined: TemplateText("")
    case .none: TemplateText("None")
    case .bool(let bool): TemplateText(bool ? "True" : "False")
    case .integer(let number): TemplateText(String(number))
    case .text(let text): text
    case .list, .map, .namespace, .function: nil
    }
  }

  var kindName: String {
    switch self {
    case .undefined: "undefined"
    case .none: "none"
    case .bool: "a truth value"
    case .integer: "a number"
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    case .namespace: "a namespace"
    case .function(let name, _): "the function '\(name)'"
    }
  }

  func equals(_ other: TemplateValue) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): true
    case (.bool(let one), .bool(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.text(let one), .text(let other)):
      one.string.utf8.elementsEqual(other.string.utf8)
    case (.list(let one), .list(let other)):
      one.count == other.count && zip(one, other).allSatisfy { $0.equals($1) }
    default: false
    }
  }
}
