import Diagnostics
import Primitives

/// Cuts a template's text into pieces, by bytes.
struct TextTemplateParser {
  private let source: String
  private let bytes: [UInt8]
  private let origin: TextOrigin
  private var index = 0
  /// How many double braces have been passed.
  private var tags = 0

  init(_ source: String, origin: TextOrigin) {
    self.source = source
    bytes = Array(source.utf8)
    self.origin = origin
  }

  private enum Sign { case field, open, close }

  private struct OpenList {
    let name: TextTemplate.Name
    var pieces: [TextTemplate.Piece]
  }

  mutating func parse() throws(Problem) -> [TextTemplate.Piece] {
    var open: [OpenList] = []
    var pieces: [TextTemplate.Piece] = []
    var text: [UInt8] = []
    while index < bytes.count {
      guard startsTag else {
        text.append(bytes[index])
        index += 1
        continue
      }
      if text.last == UInt8(ascii: "\\") {
        text.removeLast()
        text.append(contentsOf: "{{".utf8)
        index += 2
        tags += 1
        continue
      }
      let tagStart = index
      let (sign, name) = try tag()
      if sign != .field { dropOwnLine(&text, from: tagStart) }
      if !text.isEmpty { pieces.append(.text(text)) }
      text = []
      switch sign {
      case .field: pieces.append(.field(name))
      case .open:
        open.append(OpenList(name: name, pieces: pieces))
        pieces = []
      case .close:
        guard let list = open.popLast(), UTF8Order.equal(list.name.text, name.text) else {
          throw problem(name.tag, "'{{/\(name.text)}}' closes no list that is open")
        }
        pieces = list.pieces + [.list(list.name, pieces)]
      }
    }
    if let list = open.last {
      throw problem(
        list.name.tag,
        "the list '{{#\(list.name.text)}}' is not closed",
        hint: "write '{{/\(list.name.text)}}' where it ends"
      )
    }
    return text.isEmpty ? pieces : pieces + [.text(text)]
  }

  private var startsTag: Bool {
    index + 1 < bytes.count && bytes[index] == UInt8(ascii: "{")
      && bytes[index + 1] == UInt8(ascii: "{")
  }

  /// Reads from the opening braces to behind the closing ones.
  private mutating func tag() throws(Problem) -> (Sign, TextTemplate.Name) {
    let number = tags
    tags += 1
    guard let close = ByteSearch.ranges(of: "}}", in: bytes[(index + 2)...]).first else {
      throw problem(
        number,
        "'{{' is not closed",
        hint: #"close it with '}}', or write '\{{' for the braces"#
      )
    }
    var inside = Scalar.trimmed(
      String(decoding: bytes[(index + 2)..<close.lowerBound], as: UTF8.self)
    )
    index = close.upperBound
    var sign = Sign.field
    if inside.hasPrefix("#") { sign = .open }
    if inside.hasPrefix("/") { sign = .close }
    if sign != .field { inside = Scalar.trimmed(inside.dropFirst()) }
    guard !inside.isEmpty else { throw problem(number, "'{{}}' names no field") }
    guard sign == .field, inside == "." || inside == "@number" || inside == "@letter" else {
      return (sign, try named(inside, number))
    }
    return (sign, TextTemplate.Name(text: inside, path: nil, tag: number))
  }

  private func named(_ text: String, _ number: Int) throws(Problem) -> TextTemplate.Name {
    do throws(Problem) {
      return TextTemplate.Name(text: text, path: try JSONPath(text), tag: number)
    } catch {
      throw problem(number, error.message, hint: error.hint)
    }
  }

  /// Where nothing but blanks stands around a list tag on its line, the line goes with the tag.
  private mutating func dropOwnLine(_ text: inout [UInt8], from tagStart: Int) {
    var before = tagStart
    while before > 0, bytes[before - 1] == 0x20 || bytes[before - 1] == 0x09 { before -= 1 }
    var after = index
    while after < bytes.count, bytes[after] == 0x20 || bytes[after] == 0x09 { after += 1 }
    let startsLine = before == 0 || bytes[before - 1] == 0x0A
    let endsLine = after == bytes.count || bytes[after] == 0x0A
    guard startsLine, endsLine else { return }
    text.removeLast(min(tagStart - before, text.count))
    index = min(after + 1, bytes.count)
  }

  private func problem(_ tag: Int, _ message: String, hint: String? = nil) -> Problem {
    Problem(message, at: origin.location(ofTag: tag, in: source), hint: hint)
  }
}
