/// A reference as written: `name`, `name.output`, `task/style`, with pins behind: `@value`,
/// `@axis=value`.
struct ReferenceText: Hashable, Sendable {
  struct Pin: Hashable, Sendable {
    /// Nil where the pin names only a value.
    let axis: String?
    let value: String

    var text: String { axis.map { "@\($0)=\(value)" } ?? "@\(value)" }
  }

  let name: String
  /// One output of a command: what stands behind the dot.
  let output: String?
  let pins: [Pin]

  var text: String {
    name + (output.map { ".\($0)" } ?? "") + pins.map(\.text).joined()
  }

  /// Whether the name has the form of a library template's.
  var isTemplateName: Bool { name.utf8.contains(UInt8(ascii: "/")) }

  init(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let head = parts.first ?? ""
    if let dot = head.firstIndex(of: "."), !head.contains("/") {
      name = String(head[..<dot])
      output = String(head[head.index(after: dot)...])
    } else {
      name = String(head)
      output = nil
    }
    pins = parts.dropFirst().map { part in
      guard let equals = part.firstIndex(of: "=") else {
        return Pin(axis: nil, value: String(part))
      }
      return Pin(
        axis: String(part[..<equals]),
        value: String(part[part.index(after: equals)...])
      )
    }
  }

  private init(name: String, output: String?, pins: [Pin]) {
    self.name = name
    self.output = output
    self.pins = pins
  }

  /// The same with what another reference adds: the value of an axis, pinned where the axis was
  /// named.
  func adding(output other: String?, pins more: [Pin]) -> ReferenceText {
    ReferenceText(name: name, output: output ?? other, pins: pins + more)
  }
}
