import Primitives

/// What two evaluations were made with, as far as it must be the same for their figures to be
/// compared.
package struct EvaluationContext: Hashable, Sendable {
  /// Digest of the dataset's rows.
  package let data: String?
  /// Digest of the prompt; nil where answers were scored that came without one.
  package let prompt: String?
  /// The reading as it is stored, in canonical form.
  package let reading: String?
  /// The decoding in canonical form.
  package let decoding: String?

  package init(data: String?, prompt: String?, reading: String?, decoding: String?) {
    self.data = data
    self.prompt = prompt
    self.reading = reading
    self.decoding = decoding
  }
}

/// A reason for which two figures are not to be compared as they stand.
package enum ComparisonNote: Hashable, Sendable {
  /// Rows by id, and rows that stand in one of the two only.
  case otherRows(shared: Int, onlyFirst: Int, onlySecond: Int)
  /// Rows of one id whose right answer is not the same in both.
  case otherLabels(count: Int)
  /// The same rows by id, in datasets of different content.
  case otherData
  case otherPrompt
  case otherReading
  case otherDecoding

  package var message: String {
    switch self {
    case .otherRows(let shared, let onlyFirst, let onlySecond):
      "the sets differ: \(shared) rows in both, \(onlyFirst) only in the first, \(onlySecond) only "
        + "in the second"
    case .otherLabels(let count): "the right answer differs in \(count) rows"
    case .otherData: "the sets differ in content"
    case .otherPrompt: "the prompts differ"
    case .otherReading: "answers were read in different ways"
    case .otherDecoding: "the decodings differ"
    }
  }

  /// What differs between two evaluations; none where everything known is the same.
  ///
  /// What is unknown on either side is not said to differ.
  package static func between(
    _ first: EvaluationContext,
    _ second: EvaluationContext
  ) -> [ComparisonNote] {
    func differ(_ left: String?, _ right: String?) -> Bool {
      guard let left, let right else { return false }
      return !UTF8Order.equal(left, right)
    }
    var notes: [ComparisonNote] = []
    if differ(first.data, second.data) { notes.append(.otherData) }
    if differ(first.prompt, second.prompt) { notes.append(.otherPrompt) }
    if differ(first.reading, second.reading) { notes.append(.otherReading) }
    if differ(first.decoding, second.decoding) { notes.append(.otherDecoding) }
    return notes
  }

  /// What differs between the rows themselves, which say more than the digests of their sets.
  package static func between(_ first: [RowResult], _ second: [RowResult]) -> [ComparisonNote] {
    var expected: [[UInt8]: String?] = [:]
    for row in first { expected[Array(row.id.utf8)] = .some(row.expected) }
    var (shared, otherLabels) = (0, 0)
    for row in second {
      guard let label = expected[Array(row.id.utf8)] else { continue }
      shared += 1
      if JSON(label) != JSON(row.expected) { otherLabels += 1 }
    }
    var notes: [ComparisonNote] = []
    if shared < first.count || shared < second.count {
      notes.append(
        .otherRows(
          shared: shared,
          onlyFirst: first.count - shared,
          onlySecond: second.count - shared
        )
      )
    }
    if otherLabels > 0 { notes.append(.otherLabels(count: otherLabels)) }
    return notes
  }
}
