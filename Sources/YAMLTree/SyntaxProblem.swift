import Diagnostics

/// Words for what libyaml cannot read: its own are about its grammar, the user's trouble is
/// mostly one of six.
struct SyntaxProblem {
  private let failure: EventParser.Failure
  private let text: TextMap
  private let bytes: [UInt8]
  /// Byte of the scalar that the failure points at; the end of the text where it lies behind.
  private let offset: Int

  init(_ failure: EventParser.Failure, in bytes: [UInt8], text: TextMap) {
    self.failure = failure
    self.bytes = bytes
    self.text = text
    var scalars = 0
    offset =
      bytes.firstIndex { byte in
        if byte & 0xC0 != 0x80 { scalars += 1 }
        return scalars > failure.position
      } ?? bytes.count
  }

  /// The bytes of a `{` and its `}` that belong to an unquoted `${name}` where the failure is.
  var unquotedSubstitution: ClosedRange<Int>? {
    guard offset > 0, offset < bytes.count, bytes[offset] == UInt8(ascii: "{"),
      bytes[offset - 1] == UInt8(ascii: "$")
    else { return nil }
    for index in offset + 1..<max(offset + 1, bytes.count) {
      switch bytes[index] {
      case UInt8(ascii: "}"): return offset...index
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: " "):
        continue
      default: return nil
      }
    }
    return nil
  }

  var problem: Problem {
    if let range = unquotedSubstitution { return substitutionProblem(range) }
    // A key without ':' is found out only where the next token begins.
    let position = isUnfinishedKey ? failure.contextPosition : failure.position
    let place = text.location(position..<position + 1)
    return Problem(message, at: place, hint: hint, notes: notes)
  }

  private func substitutionProblem(_ range: ClosedRange<Int>) -> Problem {
    let written = "$" + String(decoding: bytes[range], as: UTF8.self)
    let position = failure.position
    return Problem(
      "'\(written)' stands without quotes inside of { } or [ ]",
      at: text.location(position - 1..<position + range.count),
      hint: "put the whole value in quotes: \"\(written)\""
    )
  }

  private var isUnfinishedKey: Bool { failure.message == "could not find expected ':'" }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Whether the list or map that is being read began on a line before.
  private var beganOnEarlierLine: Bool {
    text.location(failure.contextPosition..<failure.contextPosition).line
      < text.location(failure.position..<failure.position).line
  }

  private var isTab: Bool {
    current == 0x09 || failure.message.contains("tab character")
  }

  private var message: String {
    if isTab { return "a tab stands where indentation or a value should" }
    switch failure.message {
    case "mapping values are not allowed in this context":
      return "a ': ' stands where no key can be"
    case "did not find expected key":
      return current == UInt8(ascii: ":")
        ? "a key is missing before ':'" : "expected a key of the map here"
    case "did not find expected '-' indicator":
      return "expected '- ' for the next element of the list here"
    case "did not find expected ',' or '}'":
      return "expected ',' or '}' here"
    case "did not find expected ',' or ']'":
      return "expected ',' or ']' here"
    case "could not find expected ':'":
      return "expected ':' after this key"
    case "found unexpected end of stream":
      return "the file ends inside of quotes"
    case "found character that cannot start any token":
      return "a value cannot begin with \(character)"
    case "did not find expected alphabetic or numeric character":
      return "expected a name behind '*' or '&'"
    case "found unknown escape character":
      return "unknown escape in a text in double quotes"
    case let other:
      return "not YAML: \(other)" + (failure.context.map { " \($0)" } ?? "")
    }
  }

  private var character: String {
    guard let current, current < 0x80 else { return "this character" }
    return "'\(Character(Unicode.Scalar(current)))'"
  }

  private var hint: String {
    if isTab { return "YAML is indented by spaces: replace the tab" }
    switch failure.message {
    case "mapping values are not allowed in this context":
      return "put a text that contains ': ' in quotes, or check the indentation"
    case "did not find expected key" where current == UInt8(ascii: ":"):
      return "write a name before the ':'"
    case "did not find expected key", "did not find expected '-' indicator":
      return "indent it like the lines before, or close the quotes or brackets before it"
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      return current == nil || beganOnEarlierLine
        ? "close the bracket, or put a ',' between the values"
        : "put a ',' between the values, and quotes around a text with { } [ ] or ','"
    case "could not find expected ':'":
      return "write 'key: value', with a space behind the ':'"
    case "found unexpected end of stream":
      return "close the quotes"
    case "found character that cannot start any token",
      "did not find expected alphabetic or numeric character":
      return "put the text in quotes"
    case "found unknown escape character":
      return "write '\\\\' for a backslash, or use single quotes, which know no escapes"
    default:
      return "check quotes, brackets and indentation around here"
    }
  }

  /// Where the unfinished thing began, if that is another place.
  private var notes: [Problem.Note] {
    guard let context = failure.context, failure.contextPosition < failure.position,
      !isUnfinishedKey
    else {
      return []
    }
    let place = text.location(failure.contextPosition..<failure.contextPosition + 1)
    let words: String? =
      switch context {
      case "while parsing a flow mapping": "the map that begins here is not closed"
      case "while parsing a flow sequence": "the list that begins here is not closed"
      case "while scanning a quoted scalar": "the quotes were opened here"
      case "while parsing a block mapping": "the map begins here"
      case "while parsing a block collection": "the list begins here"
      default: nil
      }
    return words.map { [Problem.Note($0, at: place)] } ?? []
  }
}
