package import Primitives

/// One answer of the routes, freed of the HTTP library.
package struct APIResponse: Sendable {
  package let status: Int
  package let contentType: String
  /// The methods that the address knows, with status 405.
  package let allow: String?
  package let body: [UInt8]

  package init(
    status: Int = 200,
    contentType: String = "application/json",
    allow: String? = nil,
    body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.allow = allow
    self.body = body
  }

  package init(_ json: JSON, status: Int = 200) {
    self.init(status: status, body: Array(json.compactText.utf8))
  }

  package init(_ error: APIError) {
    self.init(error.json, status: error.status)
  }
}
