package import Diagnostics
package import Primitives

/// A way into a JSON value: `question.stem`, `choices[0].text`, `[-1].Denser_Summary`.
///
/// Steps are names separated by points, and positions in brackets, from 0 or, when negative, from
/// the end.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  package enum Step: Hashable, Sendable {
    case member(String)
    case element(Int)
  }

  package let steps: [Step]
  package let description: String

  /// Reads a path; the problem has no position, the caller knows where the text stood.
  package init(_ text: String) throws(Problem) {
    func problem(_ what: String) -> Problem {
      Problem(
        "the path '\(text)' \(what)",
        at: nil,
        hint: "write names and positions, as in 'choices[0].text' or '[-1].summary'"
      )
    }
    var steps: [Step] = []
    var rest = text[...]
    while let first = rest.first {
      if first == "[" {
        guard let close = rest.firstIndex(of: "]") else { throw problem("has a '[' without ']'") }
        let inside = rest[rest.index(after: rest.startIndex)..<close]
        guard let position = Int(inside) else { throw problem("has no number in '[\(inside)]'") }
        steps.append(.element(position))
        rest = rest[rest.index(after: close)...]
      } else {
        if first == ".", !steps.isEmpty { rest.removeFirst() }
        let name = rest.prefix { $0 != "." && $0 != "[" }
        guard !name.isEmpty else { throw problem("has an empty name") }
        steps.append(.member(String(name)))
        rest = rest[name.endIndex...]
      }
    }
    guard !steps.isEmpty else { throw problem("is empty") }
    self.steps = steps
    self.description = text
  }

  /// What the path leads to; nil where a step finds nothing.
  package func value(in json: JSON) -> JSON? {
    var value = json
    for step in steps {
      switch (step, value) {
      case (.member(let name), .object(let object)):
        guard let member = object[name] else { return nil }
        value = member
      case (.element(let position), .array(let elements)):
        let index = position < 0 ? elements.count + position : position
        guard elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }
}
