import Primitives

/// Finds a JSON value in a completion, and in it the value at a path.
///
/// Strict: the whole text is the value, or the value stands alone in a code fence. Flexible: the
/// first list in the text, else its maps (as a list where the path wants one), mended where models
/// break them (`JSONMender`), with keys found by their nearest spelling (`NearPath`). A text is the
/// answer as it is, any other value in its canonical form.
struct JSONReading: Hashable, Sendable {
  let path: JSONPath?

  func read(_ text: String) -> ReadAnswer {
    ReadAnswer(
      strict: strict(text).flatMap(answer),
      flexible: flexible(text),
      equal: UTF8Order.equal
    )
  }

  private func answer(_ json: JSON) -> String? {
    guard let value = path.map({ $0.value(in: json) }) ?? json, !value.isNull else { return nil }
    return value.string ?? value.canonicalText
  }

  private func strict(_ text: String) -> JSON? {
    let trimmed = Scalar.trimmed(text)
    if let json = try? JSON(parsing: trimmed) { return json }
    guard trimmed.hasPrefix("```"), trimmed.hasSuffix("```"), trimmed.count > 6 else { return nil }
    let inside = trimmed.dropFirst(3).dropLast(3)
    guard let firstLine = inside.firstIndex(of: "\n") else { return nil }
    return try? JSON(parsing: String(inside[firstLine...]))
  }

  private func flexible(_ text: String) -> String? {
    let values = values(in: Array(text.utf8))
    guard let path else { return values.first.flatMap(answer) }
    let list = values.first { $0.array != nil }
    let maps = values.filter { $0.object != nil }
    // A model that was asked for a list may write its maps one after the other.
    let candidates = [list, maps.count == 1 ? maps[0] : nil, maps.isEmpty ? nil : .array(maps)]
    return candidates.lazy.compactMap(\.self).compactMap { NearPath.text(path, in: $0) }.first
  }

  /// The lists and maps that stand in a text side by side.
  private func values(in bytes: [UInt8]) -> [JSON] {
    var values: [JSON] = []
    var index = 0
    var tries = 0
    while tries < Self.tryLimit,
      let start = bytes[index...].firstIndex(where: { $0 == 0x5B || $0 == 0x7B })
    {
      tries += 1
      index = start + 1
      guard let mended = JSONMender.mend(bytes[start...]) else { continue }
      guard let json = try? JSON(parsing: mended.bytes) else { continue }
      values.append(json)
      index = mended.end
    }
    return values
  }

  /// How many brackets are taken for the start of a value: each try may read the whole text.
  private static let tryLimit = 100
}
