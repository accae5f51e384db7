import Diagnostics
import YAMLTree

/// What names may look like.
enum Names {
  /// Nodes, models and pools: `[a-z][a-z0-9-]*`.
  static func isName(_ text: String) -> Bool { isName(text, allowsUnderscore: false) }

  /// Parameters and axes, which may have `_` too.
  static func isVariableName(_ text: String) -> Bool { isName(text, allowsUnderscore: true) }

  private static func isName(_ text: String, allowsUnderscore: Bool) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
        || (allowsUnderscore && byte == UInt8(ascii: "_"))
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// A name made of what was written, for hints; nil where nothing is left of it.
  static func mended(_ text: String, allowsUnderscore: Bool) -> String? {
    var result = ""
    for byte in text.lowercased().utf8 {
      if isLetter(byte) || isDigit(byte) || (allowsUnderscore && byte == UInt8(ascii: "_")) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else if !result.hasSuffix("-") {
        result += "-"
      }
    }
    while result.hasSuffix("-") { result.removeLast() }
    while let first = result.utf8.first, !isLetter(first) { result.removeFirst() }
    return result.isEmpty ? nil : result
  }
}

/// The one namespace of nodes, models, axes and parameters.
struct NameTable {
  enum Role: String {
    case parameter, model, axis, node

    var withArticle: String { self == .axis ? "an axis" : "a \(rawValue)" }
  }

  private(set) var roles: [String: Role] = [:]
  private var places: [String: Location] = [:]
  /// Names that were reported: what refers to them is no mistake of its own.
  private(set) var refused: Set<String> = []

  /// Enters a name; a wrong or taken one is a problem.
  ///
  /// - Returns: Whether the name can be used.
  mutating func enter(
    _ name: String,
    as role: Role,
    at location: Location,
    _ findings: Findings
  ) -> Bool {
    let allowsUnderscore = role == .parameter || role == .axis
    guard allowsUnderscore ? Names.isVariableName(name) : Names.isName(name) else {
      refused.insert(name)
      let mended = Names.mended(name, allowsUnderscore: allowsUnderscore)
      let letters = allowsUnderscore ? "letters, digits, '-' and '_'" : "letters, digits and '-'"
      findings.error(
        "'\(name)' cannot name \(role.withArticle)",
        at: location,
        hint: "names are small \(letters), a letter first"
          + (mended.map { ": '\($0)'" } ?? "")
      )
      return false
    }
    if let other = roles[name], let place = places[name] {
      refused.insert(name)
      findings.error(
        "'\(name)' names \(role.withArticle), but \(other.withArticle) has that name already",
        at: location,
        hint: "nodes, models, axes and parameters share one namespace: rename one of the two",
        notes: [Problem.Note("the \(other.rawValue) '\(name)'", at: place)]
      )
      return false
    }
    roles[name] = role
    places[name] = location
    return true
  }

  func names(_ role: Role) -> [String] {
    roles.filter { $0.value == role }.map(\.key).sorted()
  }
}
