import Foundation

/// One request as the routes see it, freed of the HTTP library.
package struct APIRequest: Sendable {
  package let method: String
  /// The path as it was sent, for messages and the log.
  package let path: String
  /// The path's parts, percent escapes decoded: `["v1", "models", "sha256:…"]`.
  package let segments: [String]
  /// Names and values in the order given; a name may come again.
  package let query: [(name: String, value: String)]
  package let contentType: String
  package let authorization: String?
  package let body: [UInt8]

  /// Takes the request's target as it stands in the request line: `/v1/files?limit=2`.
  package init(
    method: String,
    target: String,
    contentType: String = "application/json",
    authorization: String? = nil,
    body: [UInt8] = []
  ) {
    let pieces = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    path = pieces.first.map(String.init) ?? ""
    segments = path.split(separator: "/").map { Self.decoded(String($0)) }
    query = pieces.count > 1 ? Self.pairs(pieces[1]) : []
    self.contentType = contentType
    self.authorization = authorization
    self.body = body
  }

  /// The last value given for a name.
  package func query(_ name: String) -> String? {
    query.last { $0.name == name }?.value
  }

  /// Reads `a=1&b=2` as forms write it: a plus sign is a space.
  private static func pairs(_ text: Substring) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { decoded($0.replacingOccurrences(of: "+", with: " ")) }
      return (sides[0], sides.count > 1 ? sides[1] : "")
    }
  }

  /// A text with a broken percent escape is taken as it is: it will match nothing.
  private static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}
