/// The answer of a server, complete.
package struct HTTPResponse: Sendable {
  /// The status of the last answer; provisional ones (1xx) are passed over.
  package let status: Int
  private let headerBlock: HeaderBlock
  package let body: [UInt8]
  /// Where a redirect that was not followed pointed, made absolute.
  package let redirect: String?

  package init(status: Int, headers: HeaderBlock, body: [UInt8], redirect: String? = nil) {
    self.status = status
    headerBlock = headers
    self.body = body
    self.redirect = redirect
  }

  /// An answer made up elsewhere than by a transfer.
  package init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.init(status: status, headers: HeaderBlock(headers), body: body)
  }

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// Every header, read anew each time.
  package var headers: [HTTPHeader] { headerBlock.headers }

  /// The value of the first header of that name, whatever its case.
  package func header(_ name: String) -> String? { headerBlock.value(of: name) }
}

/// What became of a request.
package enum HTTPOutcome: Sendable {
  /// A whole answer arrived, of whatever status.
  case response(HTTPResponse)
  case failure(TransferFailure)
}
