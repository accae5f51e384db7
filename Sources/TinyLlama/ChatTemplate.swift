/// A chat template as `tokenizer_config.json` states it: how messages become one text.
///
/// Templates are Jinja. This runtime reads the part of it that chat templates use for plain
/// messages (loops, choices, assignments, the usual filters), with tools and documents at none, as
/// Hugging Face renders it without them. What is not supported is refused by name. A template sees
/// no clock: where one would write today's date, it takes the fixed one that it has for that case.
struct ChatTemplate: Sendable {
  let source: String
  private let statements: [TemplateStatement]

  init(_ source: String) throws(TemplateError) {
    self.source = source
    statements = try TemplateParser.statements(of: source)
  }

  /// What the messages become, part by part.
  ///
  /// - Parameters:
  ///   - messages: At least one.
  ///   - opensAnswer: Whether the opening of the assistant's next turn stands at the end.
  ///   - specials: The texts that templates know as `bos_token` and the like.
  /// - Returns: The parts in their order.
  /// - Throws: `TemplateError` where the template refuses, or asks for what is not supported.
  func rendered(
    _ messages: [ChatMessage],
    opensAnswer: Bool,
    specials: [String: String]
  ) throws(TemplateError) -> [TemplateText.Run] {
    var variables: [String: TemplateValue] = [
      "messages": .list(messages.map(Self.value)), "add_generation_prompt": .bool(opensAnswer),
      "tools": .none, "documents": .none,
    ]
    for (name, text) in specials { variables[name] = .text(TemplateText(text)) }
    var renderer = TemplateRenderer(variables: variables)
    try renderer.run(statements)
    return renderer.output.runs
  }

  private static func value(of message: ChatMessage) -> TemplateValue {
    .map([
      ("role", .text(TemplateText(message.role.rawValue))),
      ("content", .text(TemplateText(message.content, source: .message(message.role)))),
    ])
  }
}
