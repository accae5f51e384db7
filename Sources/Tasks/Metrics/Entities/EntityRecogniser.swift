/// What a recogniser found in one text.
package struct RecognisedText: Hashable, Sendable {
  /// As they stand in the text, in order, each as often as it stands there.
  package let entities: [String]
  package let tokens: Int

  package init(entities: [String], tokens: Int) {
    self.entities = entities
    self.tokens = tokens
  }
}

/// Finds entities in texts: people, places, organisations, dates, amounts.
package protocol EntityRecogniser: Sendable {
  /// Name and version, part of the key of what is scored with it.
  var identity: String { get }

  /// As many results as texts, in their order.
  func recognise(_ texts: [String]) async throws -> [RecognisedText]
}
