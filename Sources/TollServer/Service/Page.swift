import Primitives

/// One page of a list, as the API's cursors have it.
struct Page {
  private let limit: Int
  private let after: String?
  /// What `metadata[name]=value` asks for.
  private let metadata: [(name: String, value: String)]

  init(_ head: RequestHead, limit usual: Int, atMost most: Int = 100) throws(ServiceError) {
    after = head.query("after")
    let text = head.query("limit") ?? String(usual)
    guard let limit = Int(text), 1...most ~= limit else {
      throw .invalid("limit", "'limit' is '\(text)'; expected a whole number from 1 to \(most)")
    }
    self.limit = limit
    metadata = head.query.compactMap { name, value in
      guard name.hasPrefix("metadata["), name.hasSuffix("]") else { return nil }
      return (String(name.dropFirst(9).dropLast()), value)
    }
  }

  /// The list object of the elements behind the one that `after` names.
  func json(_ elements: [JSON]) throws(ServiceError) -> JSON {
    let wanted = elements.filter { element in
      metadata.allSatisfy { element["metadata"]?[$0.name]?.string == $0.value }
    }
    var rest = wanted[...]
    if let after {
      guard let index = wanted.firstIndex(where: { $0["id"]?.string == after }) else {
        throw .invalid("after", "'after' is '\(after)', which is no id of this list")
      }
      rest = wanted[(index + 1)...]
    }
    let page = rest.prefix(limit)
    return [
      "object": "list", "data": .array(Array(page)),
      "first_id": page.first?["id"] ?? .null, "last_id": page.last?["id"] ?? .null,
      "has_more": .bool(page.count < rest.count),
    ]
  }
}
