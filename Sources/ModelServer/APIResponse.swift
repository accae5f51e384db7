package import Primitives

/// One answer of the routes, freed of the HTTP library.
package struct APIResponse: Sendable {
  package let status: Int
  package let contentType: String
  /// The methods that the address knows, with status 405.
  package let allow: String?
  package let body: [UInt8]
  /// Comes in the place of the body, part by part; to let go of it ends its making.
  package let stream: AsyncStream<[UInt8]>?

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
    stream = nil
  }

  /// An answer whose parts are sent as they come.
  package init(contentType: String, stream: AsyncStream<[UInt8]>) {
    status = 200
    self.contentType = contentType
    allow = nil
    body = []
    self.stream = stream
  }

  package init(_ json: JSON, status: Int = 200) {
    self.init(status: status, body: Array(json.compactText.utf8))
  }

  package init(_ error: APIError) {
    self.init(error.json, status: error.status)
  }
}
