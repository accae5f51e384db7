/// Writes problems for people: where, what, the line with a caret under the place, what to do.
///
/// ```
/// plan.yaml:7:11: error: unknown node kind 'distil'
///  7 |     kind: distil
///    |           ^^^^^^
///    hint: did you mean 'distill'?
/// ```
package struct ProblemPrinter {
  private let usesColor: Bool
  private let source: (String) -> [UInt8]?

  /// A printer over sources that it asks for by name.
  ///
  /// - Parameters:
  ///   - color: Whether to colour by terminal sequences.
  ///   - source: The bytes of a file as problems name it; nil where they are not to be had, and the
  ///     excerpt is left out. It is asked once for each file and call.
  package init(color: Bool = false, source: @escaping (String) -> [UInt8]? = { _ in nil }) {
    usesColor = color
    self.source = source
  }

  /// The text for some problems in the order given, each ended by a line break.
  package func text(of problems: [Problem]) -> String {
    var sources = Sources(load: source)
    var text = ""
    for problem in problems { write(problem, from: &sources, to: &text) }
    return text
  }

  /// The closing line: `2 errors, 1 warning`; empty where there are none.
  package static func summary(of problems: [Problem]) -> String {
    func count(_ severity: Problem.Severity) -> String? {
      let count = problems.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return [count(.error), count(.warning)].compactMap(\.self).joined(separator: ", ")
  }

  private func write(_ problem: Problem, from sources: inout Sources, to text: inout String) {
    let severity = paint(problem.severity.rawValue + ":", problem.severity.style)
    writeHead(severity, problem.message, problem.location, from: &sources, to: &text)
    let margin = problem.location.map { Self.margin($0.line) } ?? "  "
    if let hint = problem.hint {
      text += "\(margin)\(paint("hint:", .hint)) \(VisibleText.of(hint))\n"
    }
    for note in problem.notes {
      if note.location == nil { text += margin }
      let label = paint("note:", .note)
      writeHead(label, note.message, note.location, from: &sources, to: &text)
    }
  }

  private func writeHead(
    _ label: String,
    _ message: String,
    _ location: Location?,
    from sources: inout Sources,
    to text: inout String
  ) {
    if let location {
      let place = "\(VisibleText.of(location.file)):\(location.line):\(location.column):"
      text += paint(place, .place) + " "
    }
    text += "\(label) \(paint(VisibleText.of(message), .message))\n"
    guard let location, let line = sources[location.file]?.line(location.line) else { return }
    let excerpt = Excerpt(
      line: SecretMask.apply(to: line),
      column: location.column,
      length: location.length
    )
    let carets =
      String(repeating: " ", count: excerpt.indent)
      + paint(String(repeating: "^", count: excerpt.width), .caret)
    let margin = Self.margin(location.line)
    text += paint(" \(location.line) |", .margin) + (excerpt.text.isEmpty ? "" : " ")
    text += excerpt.text + "\n" + margin + paint("|", .margin) + " " + carets + "\n"
  }

  /// As wide as ` 7 ` for the same line.
  private static func margin(_ line: Int) -> String {
    String(repeating: " ", count: String(line).count + 2)
  }

  private func paint(_ text: String, _ style: Style) -> String {
    usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// Parameters of the terminal sequence "select graphic rendition" (ECMA-48, 8.3.117).
private enum Style: String {
  case error = "1;31"
  case warning = "1;33"
  case hint = "1;36"
  case note = "1;34"
  case place = "1"
  case message = "1;39"
  case margin = "34"
  case caret = "1;35"
}

extension Problem.Severity {
  fileprivate var style: Style {
    switch self {
    case .error: .error
    case .warning: .warning
    }
  }
}

/// The sources of one printing, each loaded once.
private struct Sources {
  let load: (String) -> [UInt8]?
  private var loaded: [String: SourceText?] = [:]

  init(load: @escaping (String) -> [UInt8]?) { self.load = load }

  subscript(file: String) -> SourceText? {
    mutating get {
      if let known = loaded[file] { return known }
      let text = load(file).map(SourceText.init)
      loaded[file] = .some(text)
      return text
    }
  }
}
