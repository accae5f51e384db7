package import Diagnostics
import Primitives

/// How a program is asked for entities: a line of JSON for each text to its standard input, a line
/// for each answer from its standard output, in any order.
///
/// Request: `{"id": 0, "text": "…"}`, ids counting from 0. Answer: `{"id": 0, "entities": ["Ada"],
/// "tokens": 12}`; an entity may also be a map with `text`, as spaCy prints them; without `tokens`
/// the built-in tokeniser counts; `{"id": 0, "error": "…"}` says that the text could not be read.
/// Whoever starts the program hands lines over here; this knows nothing of processes.
package enum RecogniserProtocol {
  /// The line that asks about one text, with its line feed.
  package static func request(id: Int, text: String) -> [UInt8] {
    let line: JSON = ["id": JSON(id), "text": .string(text)]
    return line.canonical + [0x0A]
  }

  /// The answers to some texts, gathered line by line.
  package struct Collector {
    private let texts: [String]
    /// The id of the first text.
    private let first: Int
    private var found: [RecognisedText?]

    /// Awaits answers about texts whose ids count from `first`.
    package init(texts: [String], first: Int = 0) {
      self.texts = texts
      self.first = first
      found = Array(repeating: nil, count: texts.count)
    }

    package var isComplete: Bool { found.allSatisfy { $0 != nil } }

    /// Takes a line that the program wrote, without its line feed; an empty one says nothing.
    package mutating func add(line: some Collection<UInt8>) throws(Problem) {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return }
      let json: JSON
      do throws(JSONError) {
        json = try JSON(parsing: line)
      } catch {
        throw problem("wrote a line that is no JSON: \(error)", line)
      }
      guard let id = json["id"]?.int, texts.indices.contains(id - first) else {
        throw problem("wrote a line without the 'id' of a text that it was asked about", line)
      }
      if let error = json["error"] {
        throw problem(
          "could not read text \(id): \(error.string ?? error.canonicalText)",
          [UInt8]?.none
        )
      }
      guard found[id - first] == nil else { throw problem("answered text \(id) twice", line) }
      found[id - first] = try answer(json, texts[id - first], line)
    }

    /// The answers in the order of the texts.
    package func finish() throws(Problem) -> [RecognisedText] {
      let missing = found.indices.filter { found[$0] == nil }
      guard missing.isEmpty else {
        throw problem(
          "left \(missing.count) of \(texts.count) texts without an answer, the first with the id "
            + "\(first + missing[0])",
          [UInt8]?.none
        )
      }
      return found.compactMap(\.self)
    }

    private func answer(
      _ json: JSON,
      _ text: String,
      _ line: some Collection<UInt8>
    ) throws(Problem) -> RecognisedText {
      guard let list = json["entities"]?.array else {
        throw problem("wrote an answer without 'entities', a list", line)
      }
      var entities: [String] = []
      for entry in list {
        guard let entity = entry.string ?? entry["text"]?.string else {
          throw problem("wrote an entity that is neither a text nor a map with 'text'", line)
        }
        entities.append(entity)
      }
      guard let tokens = json["tokens"], !tokens.isNull else {
        return RecognisedText(entities: entities, tokens: TextTokeniser(text).tokens.count)
      }
      guard let count = tokens.int, count >= 0 else {
        throw problem("wrote 'tokens' that is no whole number from 0", line)
      }
      return RecognisedText(entities: entities, tokens: count)
    }

    private func problem(_ what: String, _ line: (some Collection<UInt8>)?) -> Problem {
      let start = line.map { "; it began with: \(String(decoding: $0.prefix(80), as: UTF8.self))" }
      return Problem(
        "the recogniser \(what)\(start ?? "")",
        at: nil,
        hint:
          #"it must answer each line with one like {"id": 0, "entities": ["Ada"], "tokens": 12}"#
      )
    }
  }
}
