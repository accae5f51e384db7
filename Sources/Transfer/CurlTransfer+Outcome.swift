import CCurl

extension CurlTransfer {
  /// What the transfer came to, once libcurl has reported it done.
  func outcome(_ code: CURLcode) -> HTTPOutcome {
    guard code == CURLE_OK else {
      let cause = cause(code)
      return failure(cause, message(cause, code))
    }
    // libcurl can report success without an answer when a reused connection dies (curl#2801).
    guard status != 0 else {
      return failure(.closedWithoutAnswer, message(.closedWithoutAnswer, code))
    }
    guard answer.finish(head) else {
      return failure(.notSaved, message(.notSaved, code))
    }
    return .response(response)
  }

  func cancelled() -> HTTPOutcome { failure(.cancelled, "the request was cancelled") }

  private func failure(_ cause: TransferFailure.Cause, _ message: String) -> HTTPOutcome {
    answer.discard()
    return .failure(
      TransferFailure(
        delivery,
        cause,
        message: message,
        partial: status == 0 ? nil : response
      )
    )
  }

  private var response: HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: answer.bytes, redirect: redirect)
  }

  private var redirect: String? { (300..<400).contains(status) ? easy.redirect : nil }

  /// A server can act on a request only once it has all of it, or says so by answering.
  ///
  /// Whether a small body left is not asked of libcurl: when a kept connection dies, it sets its
  /// counts back and connects anew, and if that fails it has nothing to say of the first sending.
  private var delivery: TransferFailure.Delivery {
    if status != 0 || answer.count > 0 { return .inDoubt }
    guard sendings > 0 else { return .notSent }
    // What the read callback handed over may still have waited in libcurl, which is the safe side
    // of the doubt. Of a repetition that was refused the count may be the second one's.
    let isCut = body.smallBody == nil && body.handedOver < body.size
    return sendings == 1 && isCut ? .notSent : .inDoubt
  }

  private func cause(_ code: CURLcode) -> TransferFailure.Cause {
    if isTooLarge || answer.isTooLarge { return .answerTooLarge }
    if answer.problem != nil { return .notSaved }
    // The repetition was refused: the first sending ended without an answer.
    if sendings > 1 { return .closedWithoutAnswer }
    let cause = Self.cause(code)
    // Nothing connects after a sending but a repetition.
    return sendings > 0 && Self.isOfConnecting(cause) ? .closedWithoutAnswer : cause
  }

  private static func isOfConnecting(_ cause: TransferFailure.Cause) -> Bool {
    switch cause {
    case .nameNotResolved, .connectFailed, .tlsFailed, .certificateRefused: true
    default: false
    }
  }

  private static func cause(_ code: CURLcode) -> TransferFailure.Cause {
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_READ_ERROR,
      CURLE_ABORTED_BY_CALLBACK:
      .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connectFailed
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: .tlsFailed
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CLIENTCERT:
      .certificateRefused
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    // The refused rewind is one way in which a connection that died early shows.
    case CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND: .closedWithoutAnswer
    case CURLE_PARTIAL_FILE: .truncated
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR: .connectionLost
    default: .other(Int32(code.rawValue))
    }
  }

  private func message(_ cause: TransferFailure.Cause, _ code: CURLcode) -> String {
    switch cause {
    case .closedWithoutAnswer: "the server closed the connection without an answer"
    case .answerTooLarge where isTooLarge:
      "the headers of the answer are larger than the limit of \(HeaderBlock.limit) bytes"
    case .answerTooLarge:
      "the answer is larger than the limit of \(request.limits.responseBytes) bytes"
    case .notSaved: answer.problem ?? "the answer was not saved"
    case .invalidRequest: body.problem ?? "the request cannot be sent: \(easy.reason(code))"
    case .truncated: "the answer was cut short: \(easy.reason(code))"
    case .timedOut: "the time limit passed: \(easy.reason(code))"
    default: "the transfer failed: \(easy.reason(code))"
    }
  }
}
