/// Which rows of a dataset are taken: `shuffle`, then `skip`, then `limit`.
///
/// So prefixes nest and slices are disjoint: for one shuffle, `limit: 50` is the start of
/// `limit: 100`, and `skip: 100` shares no row with either.
package struct DatasetSelection: Sendable, Hashable {
  /// Keeps the first words of a text field.
  package struct Truncation: Sendable, Hashable {
    package let field: String
    package let words: Int

    package init(field: String, words: Int) {
      self.field = field
      self.words = words
    }
  }

  /// Seed of the order of rows; nil keeps the file's.
  package var shuffle: Int64?
  package var skip: Int
  package var limit: Int?
  package var truncate: Truncation?

  package init(
    shuffle: Int64? = nil,
    skip: Int = 0,
    limit: Int? = nil,
    truncate: Truncation? = nil
  ) {
    self.shuffle = shuffle
    self.skip = skip
    self.limit = limit
    self.truncate = truncate
  }

  /// Raised when the same selection would take other rows; part of a dataset's key.
  package static let version = 1
}
