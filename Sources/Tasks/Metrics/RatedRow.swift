package import Primitives

/// How one row came out with a judge: a rating for each turn of its conversation.
package struct RatedRow: Hashable, Sendable {
  package let id: String
  /// One a turn; nil where the judge gave none that could be read.
  package let ratings: [Double?]

  package init(id: String, ratings: [Double?]) {
    self.id = id
    self.ratings = ratings
  }

  /// A line of the scores' rows part, to which the judge adds members of its own.
  package var json: JSON {
    ["id": .string(id), "ratings": .array(ratings.map { $0.map(JSON.number) ?? .null })]
  }

  /// Reads a line back, members of others passed over; nil for anything that is no rated row.
  package init?(json: JSON) {
    guard let id = json["id"]?.string, let list = json["ratings"]?.array,
      list.allSatisfy({ $0.isNull || $0.number != nil })
    else { return nil }
    self.init(id: id, ratings: list.map(\.number))
  }
}
