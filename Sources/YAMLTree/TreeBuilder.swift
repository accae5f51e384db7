import Diagnostics

/// Builds the tree from libyaml's events, without recursion, and collects what is wrong with it.
struct TreeBuilder {
  private let text: TextMap
  private let limits: YAMLLimits
  private(set) var problems: [Problem] = []
  private var open: [OpenCollection] = []
  private var anchors: [String: Anchored] = [:]
  private var root: YAMLNode?
  private var documents = 0
  private var nodes = 0
  private var aliasedNodes = 0
  /// Set where reading on would cost more than it tells.
  private var isExhausted = false

  /// A complete node that aliases may repeat.
  private struct Anchored {
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

  private mutating func report(
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

// MARK: - Scalars and aliases

extension TreeBuilder {
  private mutating func add(_ scalar: EventParser.Scalar, at location: Location) {
    countNode(at: location)
    if scalar.text.utf8.contains(0) {
      report(
        "the text holds a NUL character",
        at: location,
        hint: "remove the \\0: no path, name or request can carry it"
      )
    }
    if open.last?.awaitsKey == true {
      add(key: scalar, at: location)
      return
    }
    let node = YAMLNode(
      value(of: scalar, at: location),
      at: location,
      scalarText: scalar.text,
      isQuoted: !scalar.isPlain
    )
    remember(node, size: 1, as: scalar.anchor)
    attach(node, size: 1)
  }

  private mutating func value(of scalar: EventParser.Scalar, at location: Location)
    -> YAMLNode.Value
  {
    guard let tag = scalar.tag, tag != "!" else {
      let isText = !scalar.isPlain || scalar.tag != nil
      return isText ? .text(scalar.text) : CoreSchema.value(of: scalar.text)
    }
    guard tag == CoreTag.text else {
      reportTag(tag, at: location)
      return .text(scalar.text)
    }
    return .text(scalar.text)
  }

  private mutating func reportTag(_ tag: String, at location: Location) {
    report(
      "tag '\(CoreTag.short(tag))' cannot be used here",
      at: location,
      hint: "remove it: the type of a value follows from how it is written; quotes make it a text"
    )
  }

  private mutating func add(key scalar: EventParser.Scalar, at location: Location) {
    if let tag = scalar.tag, tag != "!", tag != CoreTag.text { reportTag(tag, at: location) }
    if scalar.isPlain && scalar.text == "<<" {
      report(
        "merge keys ('<<') are not part of YAML 1.2",
        at: location,
        hint: "write the fields out, or put them in the matrix and use 'with:'"
      )
      open[open.count - 1].skipValue()
      return
    }
    if scalar.isPlain && scalar.text.isEmpty {
      report("a key is missing before ':'", at: location, hint: "write a name before the ':'")
      open[open.count - 1].skipValue()
      return
    }
    let node = YAMLNode(.text(scalar.text), at: location, scalarText: scalar.text)
    remember(node, size: 1, as: scalar.anchor)
    if let first = open[open.count - 1].take(key: scalar.text, at: location) {
      report(
        "key '\(scalar.text)' is written twice",
        at: location,
        hint: "keep one of the two",
        notes: [Problem.Note("first written here", at: first)]
      )
    }
  }

  private mutating func add(alias name: String, at location: Location) {
    if open.last?.awaitsKey == true {
      report("an alias cannot be a key", at: location, hint: "write the key out")
      open[open.count - 1].skipValue()
      return
    }
    guard !open.contains(where: { $0.anchor == name }) else {
      report(
        "alias '*\(name)' stands inside of what it repeats",
        at: location,
        hint: "a value cannot contain itself: write out what is meant"
      )
      attach(YAMLNode(.null, at: location), size: 1)
      return
    }
    guard let anchored = anchors[name] else {
      report(
        "nothing before this is anchored as '&\(name)'",
        at: location,
        hint: didYouMean(name, among: anchors.keys.sorted())
          ?? "write '&\(name)' before the value that is to be repeated; quote a text that begins "
          + "with '*'"
      )
      attach(YAMLNode(.null, at: location), size: 1)
      return
    }
    aliasedNodes += anchored.size
    guard aliasedNodes <= limits.aliasedNodes else {
      report(
        "aliases add more than \(limits.aliasedNodes) values",
        at: location,
        hint: "write out what differs, or use the matrix for what repeats"
      )
      isExhausted = true
      return
    }
    attach(anchored.node, size: anchored.size)
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

  private mutating func attach(_ node: YAMLNode, size: Int) {
    if open.isEmpty {
      root = node
    } else {
      open[open.count - 1].append(node, size: size)
    }
  }

  private mutating func remember(_ node: YAMLNode, size: Int, as anchor: String?) {
    if let anchor { anchors[anchor] = Anchored(node: node, size: size) }
  }

  private mutating func countNode(at location: Location) {
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
