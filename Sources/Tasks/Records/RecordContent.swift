import Primitives

/// What a record says, whatever it is called and whatever its answer: the fields of its task, without
/// id and label.
///
/// 128 bits of the SHA-256 of the fields as canonical JSON. Two records with the same content are the
/// same question; among ten million others the chance that two different ones look so is below 1e-24.
package struct RecordContent: Hashable, Comparable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// Nil for a record without any field, which says nothing that could be said twice.
  package init?(_ record: Record) {
    guard !record.fields.members.isEmpty else { return nil }
    let words = Digest(of: JSON.object(record.fields).canonical).words
    high = words.0
    low = words.1
  }

  package static func < (left: RecordContent, right: RecordContent) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }
}
