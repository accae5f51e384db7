import Diagnostics

/// Builds the tree from libyaml's events, without recursion, and collects what is wrong with it.
struct TreeBuilder {
  private let text: TextMap
  let limits: YAMLLimits
  private(set) var problems: [Problem] = []
  var open: [OpenCollection] = []
  var anchors: [String: Anchored] = [:]
  private var root: YAMLNode?
  private var documents = 0
  private var nodes = 0
  var aliasedNodes = 0
  /// Set where reading on would cost more than it tells.
  var isExhausted = false

  /// A complete node that aliases may repeat.
  struct Anchored {
    let node: YAMLNode
    /// Scalars, lists and maps in it, aliases within it counted in full.
    let size: Int
  }

  init(text: TextMap, limits: YAMLLimits) {
    self.text = text
    self.limits = limits
  }

  /// Reads to the end, or to where the syntax is broken.
  ///
  /// - Returns: The document; an empty stream gives a null.
  /// - Throws: What libyaml could not read; problems before it are in `problems`.
  mutating func build(from parser: inout EventParser) throws(EventParser.Failure) -> YAMLNode {
    while !isExhausted {
      switch try parser.next() {
      case .streamEnd: return root ?? YAMLNode(.null, at: text.location(0..<0))
      case .documentStart(let span): startDocument(span)
      case .scalar(let scalar, let span): add(scalar, at: text.location(span))
      case .listStart(let anchor, let tag, let span):
        start(.list, anchor: anchor, tag: tag, span)
      case .mapStart(let anchor, let tag, let span):
        start(.map, anchor: anchor, tag: tag, span)
      case .collectionEnd(let span): finish(span)
      case .alias(let name, let span): add(alias: name, at: text.location(span))
      case .other: break
      }
      if problems.count >= limits.problems { isExhausted = true }
    }
    return root ?? YAMLNode(.null, at: text.location(0..<0))
  }

  mutating func report(
    _ message: String,
    at location: Location,
    hint: String,
    notes: [Problem.Note] = []
  ) {
    problems.append(Problem(message, at: location, hint: hint, notes: notes))
  }

  private mutating func startDocument(_ span: Range<Int>) {
    documents += 1
    guard documents > 1 else { return }
    report(
      "the file holds a second document",
      at: text.location(span),
      hint: "remove the '---', or put what follows into a file of its own"
    )
    isExhausted = true
  }
}

// MARK: - Lists and maps

extension TreeBuilder {
  private mutating func start(
    _ kind: OpenCollection.Kind,
    anchor: String?,
    tag: String?,
    _ span: Range<Int>
  ) {
    let location = text.location(span)
    countNode(at: location)
    if let tag, tag != "!", tag != kind.tag { reportTag(tag, at: location) }
    guard open.count < limits.depth else {
      report(
        "lists and maps are nested more than \(limits.depth) deep",
        at: location,
        hint: "check the brackets and the indentation"
      )
      isExhausted = true
      return
    }
    let isKey = open.last?.awaitsKey == true
    if isKey {
      report("a key is \(kind.withArticle)", at: location, hint: "keys are texts: quote it")
    }
    open.append(OpenCollection(kind, anchor: anchor, isKey: isKey, start: span))
  }

  private mutating func finish(_ span: Range<Int>) {
    // libyaml pairs its events; one more end than starts cannot come.
    guard let collection = open.popLast() else { return }
    let node = collection.node(endingAt: span, in: text)
    remember(node, size: collection.size, as: collection.anchor)
    if collection.isKey {
      open[open.count - 1].skipValue()
    } else {
      attach(node, size: collection.size)
    }
  }

  mutating func attach(_ node: YAMLNode, size: Int) {
    if open.isEmpty {
      root = node
    } else {
      open[open.count - 1].append(node, size: size)
    }
  }

  mutating func remember(_ node: YAMLNode, size: Int, as anchor: String?) {
    if let anchor { anchors[anchor] = Anchored(node: node, size: size) }
  }

  mutating func countNode(at location: Location) {
    nodes += 1
    guard nodes > limits.nodes, !isExhausted else { return }
    report(
      "the file holds more than \(limits.nodes) values",
      at: location,
      hint: "rows belong in a data file that a dataset node reads"
    )
    isExhausted = true
  }
}

/// Tags of the core schema.
enum CoreTag {
  private static let prefix = "tag:yaml.org,2002:"
  static let text = prefix + "str"
  static let list = prefix + "seq"
  static let map = prefix + "map"

  /// The tag as people write it: `!!int`.
  static func short(_ tag: String) -> String {
    tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }
}
