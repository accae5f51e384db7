import Diagnostics

/// Scalars, keys and aliases.
extension TreeBuilder {
  mutating func add(_ scalar: EventParser.Scalar, at location: Location) {
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

  mutating func reportTag(_ tag: String, at location: Location) {
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

  mutating func add(alias name: String, at location: Location) {
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
