import Diagnostics
import Primitives

/// A text with places for the fields of a record: `{{field}}` and `{{#list}}…{{/list}}`.
///
/// Plain text in, plain text out: nothing is escaped, and a field that a record does not have is a
/// problem, never an empty text. A name may be a path (`question.stem`). Inside a list `{{.}}` is
/// the element, `{{@number}}` its number from 1 and `{{@letter}}` its letter from A; the fields of
/// an element that is a map come before the record's. A list tag alone on its line takes the whole
/// line with it. `\{{` stands for `{{` itself.
struct TextTemplate: Sendable {
  indirect enum Piece: Sendable {
    case text([UInt8])
    case field(Name)
    case list(Name, [Piece])
  }

  /// What a tag asks for, and where the tag stands.
  struct Name: Sendable {
    let text: String
    let path: JSONPath?
    /// Number of the tag's braces in the text, from 0, which finds its position.
    let tag: Int
  }

  let source: String
  let origin: TextOrigin
  let pieces: [Piece]

  init(_ source: String, origin: TextOrigin) throws(Problem) {
    self.source = source
    self.origin = origin
    var parser = TextTemplateParser(source, origin: origin)
    pieces = try parser.parse()
  }

  /// The names of the fields that every record must have, in the order of their first use.
  var variables: [String] {
    var names: [String] = []
    func visit(_ pieces: [Piece], isInList: Bool) {
      for piece in pieces {
        switch piece {
        case .text: break
        case .field(let name): add(name, isInList)
        case .list(let name, let inner):
          add(name, isInList)
          visit(inner, isInList: true)
        }
      }
    }
    /// Inside a list a name may be the element's, so only records can tell.
    func add(_ name: Name, _ isInList: Bool) {
      guard !isInList, case .member(let field)? = name.path?.steps.first else { return }
      if !names.contains(where: { UTF8Order.equal($0, field) }) { names.append(field) }
    }
    visit(pieces, isInList: false)
    return names
  }

  /// Where a variable is first asked for.
  func location(of variable: String) -> Location? {
    func find(_ pieces: [Piece]) -> Int? {
      for piece in pieces {
        switch piece {
        case .text: continue
        case .field(let name) where name.starts(with: variable): return name.tag
        case .list(let name, _) where name.starts(with: variable): return name.tag
        case .list(_, let inner): if let tag = find(inner) { return tag }
        case .field: continue
        }
      }
      return nil
    }
    return find(pieces).flatMap { origin.location(ofTag: $0, in: source) }
  }
}

extension TextTemplate.Name {
  fileprivate func starts(with field: String) -> Bool {
    guard case .member(let first)? = path?.steps.first else { return false }
    return UTF8Order.equal(first, field)
  }
}

// MARK: - Rendering

extension TextTemplate {
  /// The text for one record; a label that is given stands in for the record's own.
  func render(_ record: Record, label: String? = nil) throws(Problem) -> String {
    var bytes: [UInt8] = []
    let scope = Scope(record: record, label: label ?? record.label)
    try render(pieces, scope, into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private struct Scope {
    let record: Record
    let label: String?
    /// The elements of the lists around, innermost last, and the place of each.
    var elements: [(value: JSON, index: Int)] = []
  }

  private func render(
    _ pieces: [Piece],
    _ scope: Scope,
    into bytes: inout [UInt8]
  ) throws(Problem) {
    for piece in pieces {
      switch piece {
      case .text(let text): bytes.append(contentsOf: text)
      case .field(let name): bytes.append(contentsOf: try text(of: name, scope).utf8)
      case .list(let name, let inner):
        let value = try value(of: name, scope)
        guard let elements = value.array else {
          throw problem(
            name,
            "'\(name.text)' of record '\(scope.record.id)' is no list but "
              + value.kindName,
            hint: "write '{{\(name.text)}}' for a single value"
          )
        }
        for (index, element) in elements.enumerated() {
          var innerScope = scope
          innerScope.elements.append((element, index))
          try render(inner, innerScope, into: &bytes)
        }
      }
    }
  }

  private func text(of name: Name, _ scope: Scope) throws(Problem) -> String {
    let value = try value(of: name, scope)
    guard let text = Scalar.text(value) else {
      let isList = value.array != nil
      throw problem(
        name,
        "'\(name.text)' of record '\(scope.record.id)' is \(value.kindName)",
        hint: isList ? "write '{{#\(name.text)}}…{{.}}…{{/\(name.text)}}' for a list" : nil
      )
    }
    return text
  }

  private func value(of name: Name, _ scope: Scope) throws(Problem) -> JSON {
    if let element = scope.elements.last {
      switch name.text {
      case ".": return element.value
      case "@number": return JSON(element.index + 1)
      case "@letter": return .string(Letters.letter(element.index))
      default: break
      }
    }
    guard let path = name.path else {
      throw problem(name, "'{{\(name.text)}}' means something only inside a list", hint: nil)
    }
    for element in scope.elements.reversed() {
      if let value = path.value(in: element.value) { return value }
    }
    if let value = path.value(in: root(scope, path)) { return value }
    let names = scope.record.fields.keys + (scope.label == nil ? ["id"] : ["id", "label"])
    throw problem(
      name,
      "record '\(scope.record.id)' has no field '\(name.text)'",
      hint: "it has \(names.map { "'\($0)'" }.joined(separator: ", "))"
    )
  }

  /// The record as the map that a path starts from, holding no more than its first step needs.
  private func root(_ scope: Scope, _ path: JSONPath) -> JSON {
    guard case .member(let field)? = path.steps.first else { return .null }
    let value = field == "label" ? scope.label.map(JSON.string) : scope.record[field]
    return .object(JSONObject(value.map { [(key: field, value: $0)] } ?? []))
  }

  private func problem(_ name: Name, _ message: String, hint: String?) -> Problem {
    Problem(message, at: origin.location(ofTag: name.tag, in: source), hint: hint)
  }
}

/// Letters that name choices: A to Z, then AA, AB, ….
package enum Letters {
  package static func letter(_ index: Int) -> String {
    let last = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index % 26)))
    return index < 26 ? last : letter(index / 26 - 1) + last
  }
}
