/// Why no whole answer arrived, and whether the server may have acted on the request.
package struct TransferFailure: Error, Sendable {
  /// What the server can have seen.
  package enum Delivery: Sendable, Hashable {
    /// The last byte of the request never left: no server can have acted on it.
    case notSent
    /// The whole request may have arrived.
    case inDoubt
  }

  package enum Cause: Sendable, Hashable {
    case cancelled
    /// The request itself cannot be sent: a broken URL or header, a body that cannot be read.
    case invalidRequest
    case nameNotResolved
    case connectFailed
    case tlsFailed
    /// The server's certificate was refused, or the trusted ones could not be read.
    case certificateRefused
    case timedOut
    /// The connection ended before any byte of an answer.
    case closedWithoutAnswer
    /// The connection ended inside the answer.
    case truncated
    case connectionLost
    case answerTooLarge
    /// The answer came, and the file that it was to go to could not be written.
    case notSaved
    /// Any other code of libcurl.
    case other(Int32)
  }

  package let delivery: Delivery
  package let cause: Cause
  /// Lower case, for people; holds no header and no body of the request.
  package let message: String
  /// What had arrived of an answer, for forensics; it is never an answer.
  package let partial: HTTPResponse?

  package init(
    _ delivery: Delivery,
    _ cause: Cause,
    message: String,
    partial: HTTPResponse? = nil
  ) {
    self.delivery = delivery
    self.cause = cause
    self.message = message
    self.partial = partial
  }
}

extension TransferFailure: CustomStringConvertible {
  package var description: String { message }
}
