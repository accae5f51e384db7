import Primitives

/// The sum by which a row of `results` tells that a bit of it, or of its outputs, changed.
///
/// It is the last member of the facts: `"seal"`, 32 hexadecimal digits. A changed name of a part or a
/// changed count would be served else, since the row still reads.
enum ResultSeal {
  private static let digits = 32

  /// The column `facts` of a record's row.
  static func facts(of record: ResultRecord) -> String {
    guard var members = record.facts.object else { return record.facts.compactText }
    members["seal"] = .string(seal(of: record))
    return JSON.object(members).compactText
  }

  /// A record as its row has it, with the seal among its facts, opened: nil if it is not what was
  /// sealed.
  ///
  /// Rows of earlier releases have no seal. What looks like one under another name is one whose name
  /// was changed.
  static func open(_ row: ResultRecord) -> ResultRecord? {
    guard var members = row.facts.object, let last = members.members.last,
      let found = last.value.string, isSeal(found)
    else { return row.facts["seal"] == nil ? row : nil }
    guard UTF8Order.equal(last.key, "seal") else { return nil }
    members["seal"] = nil
    let record = ResultRecord(
      key: row.key,
      kind: row.kind,
      outputs: row.outputs,
      facts: .object(members),
      runID: row.runID,
      madeAt: row.madeAt
    )
    return UTF8Order.equal(found, seal(of: record)) ? record : nil
  }

  private static func isSeal(_ text: String) -> Bool {
    text.utf8.count == digits
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func seal(of record: ResultRecord) -> String {
    let outputs = record.outputs.map { output -> JSON in
      [.string(output.part), .string(output.object.digest.hex), JSON(output.object.size)]
    }
    let content: JSON = [
      "key": .string(record.key.hex), "kind": .string(record.kind), "outputs": .array(outputs),
      "facts": record.facts, "run": .string(record.runID), "made_at": .integer(record.madeAt),
    ]
    return String(Digest(of: content.canonical).hex.prefix(digits))
  }
}
