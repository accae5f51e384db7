import Primitives

/// Reads XML 1.0 as data sets use it: elements, attributes, text, CDATA, comments, instructions.
///
/// No document types, hence no entities but the five that XML has and characters by number: nothing
/// is fetched, nothing expands. UTF-8 only, at most 64 elements deep. MedQuAD needs no more, and 200
/// lines of ours are less to keep safe than libxml2 below Foundation's parser, whose defaults are
/// made for documents that may name others.
/// Source: W3C, Extensible Markup Language (XML) 1.0, fifth edition; names are not checked against
/// Unicode's tables.
struct StrictXML {
  static let depthLimit = 64

  private let bytes: [UInt8]
  private var index: Int
  /// Open elements, the innermost last.
  private var open: [XMLElement] = []
  private var root: XMLElement?

  /// The document's outermost element.
  ///
  /// - Throws: `RowProblem` at the byte where it is no well-formed XML, or more than is read.
  static func parse(_ bytes: [UInt8]) throws(RowProblem) -> XMLElement {
    if let fault = UTF8Sequence.firstFault(in: bytes[...]) {
      throw RowProblem(
        "the document holds a byte that is no UTF-8",
        at: fault,
        hint: "convert the file to UTF-8"
      )
    }
    var parser = StrictXML(bytes)
    return try parser.document()
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private mutating func document() throws(RowProblem) -> XMLElement {
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "<") { try markup() } else { try text() }
    }
    if let last = open.last {
      throw RowProblem("the document ends inside '\(last.name)'", at: last.offset)
    }
    guard let root else { throw RowProblem("the document has no element", at: index) }
    return root
  }

  private func has(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  /// Passes everything up to the end of a mark, and gives what stands before it.
  private mutating func pass(
    _ start: String,
    to end: String,
    _ what: String
  ) throws(RowProblem) -> Range<Int> {
    let content = index + start.utf8.count
    var at = min(content, bytes.count)
    let mark = Array(end.utf8)
    while at < bytes.count, !bytes[at...].starts(with: mark) { at += 1 }
    guard at < bytes.count else { throw RowProblem("\(what) is not closed", at: index) }
    index = at + mark.count
    return content..<at
  }
}

// MARK: - Markup

extension StrictXML {
  private mutating func markup() throws(RowProblem) {
    if has("<!--") {
      _ = try pass("<!--", to: "-->", "a comment")
    } else if has("<?") {
      try instruction()
    } else if has("<![CDATA[") {
      let start = index
      let range = try pass("<![CDATA[", to: "]]>", "a CDATA section")
      try append(String(decoding: bytes[range], as: UTF8.self), at: start)
    } else if has("<!") {
      throw RowProblem(
        "the document has a document type or another declaration, which is not read",
        at: index,
        hint: "remove it; entities of its own and files that it names are never read"
      )
    } else if has("</") {
      try endTag()
    } else {
      try startTag()
    }
  }

  private mutating func instruction() throws(RowProblem) {
    let start = index
    let range = try pass("<?", to: "?>", "an instruction")
    let text = String(decoding: bytes[range], as: UTF8.self).lowercased()
    guard text.hasPrefix("xml "), let encoding = text.firstRange(of: "encoding") else { return }
    let value = text[encoding.upperBound...].drop { " =\t\r\n\"'".contains($0) }
    let name = value.prefix { !"\"'".contains($0) }
    guard ["utf-8", "us-ascii"].contains(name) else {
      throw RowProblem(
        "the document says that its encoding is '\(name)'; UTF-8 is read",
        at: start,
        hint: "convert the file to UTF-8"
      )
    }
  }

  private mutating func startTag() throws(RowProblem) {
    let start = index
    index += 1
    var element = XMLElement(name: try name(), offset: start)
    guard open.count < Self.depthLimit else {
      throw RowProblem("more than \(Self.depthLimit) elements lie in one another", at: start)
    }
    guard root == nil else { throw RowProblem("there is a second outermost element", at: start) }
    while true {
      let hadSpace = skipSpace()
      if has("/>") {
        index += 2
        return close(element)
      }
      if has(">") {
        index += 1
        open.append(element)
        return
      }
      guard index < bytes.count else {
        throw RowProblem("the tag of '\(element.name)' is not closed", at: start)
      }
      guard hadSpace else { throw RowProblem("a space must stand before an attribute", at: index) }
      try attribute(of: &element)
    }
  }

  private mutating func attribute(of element: inout XMLElement) throws(RowProblem) {
    let start = index
    let name = try name()
    skipSpace()
    guard has("=") else { throw RowProblem("attribute '\(name)' has no value", at: start) }
    index += 1
    skipSpace()
    guard has("\"") || has("'") else {
      throw RowProblem("the value of attribute '\(name)' must be in quotes", at: index)
    }
    let quote = bytes[index] == UInt8(ascii: "'") ? "'" : "\""
    let range = try pass(quote, to: quote, "the value of attribute '\(name)'")
    guard !bytes[range].contains(UInt8(ascii: "<")) else {
      throw RowProblem("the value of attribute '\(name)' holds a '<'", at: start)
    }
    guard element.attributes[name] == nil else {
      throw RowProblem("'\(element.name)' has attribute '\(name)' twice", at: start)
    }
    element.attributes[name] = try XMLText.decode(bytes[range])
  }

  private mutating func endTag() throws(RowProblem) {
    let start = index
    index += 2
    let name = try name()
    skipSpace()
    guard has(">") else { throw RowProblem("the end tag of '\(name)' is not closed", at: start) }
    index += 1
    guard let element = open.popLast() else {
      throw RowProblem("'</\(name)>' ends nothing", at: start)
    }
    guard element.name == name else {
      throw RowProblem("found '</\(name)>' where '</\(element.name)>' must stand", at: start)
    }
    close(element)
  }

  private mutating func close(_ element: XMLElement) {
    if open.isEmpty {
      root = element
    } else {
      open[open.count - 1].children.append(element)
    }
  }

  private mutating func name() throws(RowProblem) -> String {
    let start = index
    while index < bytes.count, Self.isNameByte(bytes[index]) { index += 1 }
    guard index > start, !Self.isNoStart(bytes[start]) else {
      throw RowProblem("a name must stand here", at: start)
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "_"), UInt8(ascii: ":"), 0x80...0xFF: true
    default: isNoStart(byte)
    }
  }

  /// Digits, points and hyphens, with which no name begins.
  private static func isNoStart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".")
  }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let start = index
    while index < bytes.count, bytes[index].isJSONSpace { index += 1 }
    return index > start
  }
}

// MARK: - Text

extension StrictXML {
  private mutating func text() throws(RowProblem) {
    let start = index
    index = bytes[start...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
    guard !open.isEmpty else {
      guard let other = bytes[start..<index].firstIndex(where: { !$0.isJSONSpace }) else { return }
      throw RowProblem("text stands outside of the outermost element", at: other)
    }
    try append(try XMLText.decode(bytes[start..<index]), at: start)
  }

  private mutating func append(_ text: String, at start: Int) throws(RowProblem) {
    guard !open.isEmpty else {
      throw RowProblem("text stands outside of the outermost element", at: start)
    }
    open[open.count - 1].text += text
  }
}
