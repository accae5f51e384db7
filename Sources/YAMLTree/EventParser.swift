import CYAML

/// A libyaml parser over bytes in memory, freed with its last use (`yaml_parser_t`).
struct EventParser: ~Copyable {
  /// Where something stands, in scalars from the start of the text.
  typealias Span = Range<Int>

  enum Event {
    case documentStart(Span)
    case scalar(Scalar, Span)
    case listStart(anchor: String?, tag: String?, Span)
    case mapStart(anchor: String?, tag: String?, Span)
    /// The end of the innermost list or map.
    case collectionEnd(Span)
    case alias(String, Span)
    case streamEnd
    /// Events that say nothing about the tree.
    case other
  }

  struct Scalar {
    let text: String
    /// Whether it stood without quotes, and so takes its type from its form.
    let isPlain: Bool
    let anchor: String?
    let tag: String?
  }

  /// What libyaml says where it cannot go on.
  struct Failure: Error {
    let message: String
    let position: Int
    /// What it was doing: `while parsing a flow mapping`.
    let context: String?
    let contextPosition: Int
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// A parser over bytes that must outlive it.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("out of memory for a YAML parser")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  mutating func next() throws(Failure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    let span = Self.span(event)
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart(span)
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "", span)
    case YAML_SCALAR_EVENT: return .scalar(Self.scalar(event), span)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .listStart(anchor: Self.text(start.anchor), tag: Self.text(start.tag), span)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mapStart(anchor: Self.text(start.anchor), tag: Self.text(start.tag), span)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd(span)
    default: return .other
    }
  }

  private var failure: Failure {
    let state = parser.pointee
    return Failure(
      message: state.problem.map { String(cString: $0) } ?? "cannot be read",
      position: state.problem_mark.index,
      context: state.context.map { String(cString: $0) },
      contextPosition: state.context_mark.index
    )
  }

  private static func span(_ event: yaml_event_t) -> Span {
    let start = event.start_mark.index
    return start..<max(start, event.end_mark.index)
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private static func scalar(_ event: yaml_event_t) -> Scalar {
    let data = event.data.scalar
    let bytes = UnsafeBufferPointer(start: data.value, count: data.length)
    return Scalar(
      text: String(decoding: bytes, as: UTF8.self),
      isPlain: data.style == YAML_PLAIN_SCALAR_STYLE,
      anchor: text(data.anchor),
      tag: text(data.tag)
    )
  }
}
