import Primitives

/// One page of a list, as the API's cursors have it.
struct Page {
  private let limit: Int
  private let after: String?

  /// Reads `limit` and `after` from a query.
  init(_ request: APIRequest, limit usual: Int, atMost most: Int) throws(APIError) {
    after = request.query("after")
    guard let text = request.query("limit") else {
      limit = usual
      return
    }
    guard let limit = Int(text), (1...most).contains(limit) else {
      throw .invalid("limit", "'limit' is '\(text)'; expected a whole number from 1 to \(most)")
    }
    self.limit = limit
  }

  /// The list object of the elements behind the one that `after` names.
  func json(_ elements: [JSON]) throws(APIError) -> JSON {
    var rest = elements[...]
    if let after {
      guard let index = elements.firstIndex(where: { $0["id"] == .string(after) }) else {
        throw .invalid("after", "'after' is '\(after)', which is not an id of this list")
      }
      rest = elements[(index + 1)...]
    }
    let page = rest.prefix(limit)
    return [
      "object": "list",
      "data": .array(Array(page)),
      "first_id": page.first?["id"] ?? .null,
      "last_id": page.last?["id"] ?? .null,
      "has_more": .bool(page.count < rest.count),
    ]
  }
}
