import Diagnostics

/// A list or map whose end has not come yet.
struct OpenCollection {
  enum Kind {
    case list, map

    var withArticle: String {
      switch self {
      case .list: "a list"
      case .map: "a map"
      }
    }

    var tag: String {
      switch self {
      case .list: CoreTag.list
      case .map: CoreTag.map
      }
    }
  }

  /// What the next node of a map is.
  private enum Next {
    case key
    case value(String, Location)
    /// The value of a key that is wrong; dropped.
    case droppedValue
  }

  let anchor: String?
  /// Whether it stands where a key should, and is dropped.
  let isKey: Bool
  /// Nodes in it, itself included, aliases in full.
  private(set) var size = 1
  private let kind: Kind
  private let start: Range<Int>
  private var elements: [YAMLNode] = []
  private var entries: [YAMLNode.Entry] = []
  private var next = Next.key
  /// By bytes: Swift's texts would equate composed and decomposed letters.
  private var keys: [[UInt8]: Location] = [:]

  init(_ kind: Kind, anchor: String?, isKey: Bool, start: Range<Int>) {
    self.kind = kind
    self.anchor = anchor
    self.isKey = isKey
    self.start = start
  }

  var awaitsKey: Bool {
    if case .map = kind, case .key = next { true } else { false }
  }

  /// Takes the key of the value that follows.
  ///
  /// - Returns: Where the same key stood before; the value is then dropped.
  mutating func take(key: String, at location: Location) -> Location? {
    size += 1
    if let first = keys[Array(key.utf8)] {
      next = .droppedValue
      return first
    }
    keys[Array(key.utf8)] = location
    next = .value(key, location)
    return nil
  }

  /// Drops the value that follows a key which is wrong.
  mutating func skipValue() { next = .droppedValue }

  /// Takes an element of the list, or the value of the key before.
  mutating func append(_ node: YAMLNode, size added: Int) {
    size += added
    guard case .map = kind else {
      elements.append(node)
      return
    }
    if case .value(let key, let location) = next {
      entries.append(YAMLNode.Entry(key: key, keyLocation: location, value: node))
    }
    next = .key
  }

  /// The complete node.
  ///
  /// It is pointed at by its brackets, or where it has none by its first key or dash.
  func node(endingAt end: Range<Int>, in text: TextMap) -> YAMLNode {
    let hasBrackets = !start.isEmpty && !end.isEmpty
    let own = text.location(start.lowerBound..<(hasBrackets ? end.upperBound : start.upperBound))
    switch kind {
    case .list: return YAMLNode(.list(elements), at: own)
    case .map:
      let first = hasBrackets ? nil : entries.first?.keyLocation
      return YAMLNode(.map(entries), at: first ?? own)
    }
  }
}
