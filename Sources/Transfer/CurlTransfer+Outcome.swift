import CCurl

extension CurlTransfer {
  /// What the transfer came to, once libcurl has reported it done.
  func outcome(_ code: CURLcode) -> HTTPOutcome {
    guard code == CURLE_OK else {
      let cause = isTooLarge ? .answerTooLarge : Self.cause(code)
      return failure(cause, message(cause, code))
    }
    // libcurl can report success without an answer when a reused connection dies (curl#2801).
    guard status != 0 else {
      return failure(.closedWithoutAnswer, message(.closedWithoutAnswer, code))
    }
    return .response(response)
  }

  func cancelled() -> HTTPOutcome { failure(.cancelled, "the request was cancelled") }

  private func failure(_ cause: TransferFailure.Cause, _ message: String) -> HTTPOutcome {
    .failure(
      TransferFailure(
        delivery,
        cause,
        message: message,
        partial: status == 0 ? nil : response
      )
    )
  }

  private var response: HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: received, redirect: redirect)
  }

  private var redirect: String? {
    var text: UnsafePointer<CChar>?
    let code = shim_easy_get_string(handle, CURLINFO_REDIRECT_URL, &text)
    guard code == CURLE_OK, let text else { return nil }
    return String(cString: text)
  }

  /// A server can act on a request only once it has all of it, or says so by answering.
  private var delivery: TransferFailure.Delivery {
    if status != 0 || !received.isEmpty { return .inDoubt }
    if body.size > 0 { return body.handedOver < body.size ? .notSent : .inDoubt }
    return requestBytes == 0 ? .notSent : .inDoubt
  }

  /// Bytes of the request's head that left.
  private var requestBytes: Int {
    var size = 0
    let code = shim_easy_get_long(handle, CURLINFO_REQUEST_SIZE, &size)
    // Unknown counts as sent: the safe side of the doubt.
    return code == CURLE_OK ? size : 1
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
    // The refused rewind is how a connection that died early shows (`BodyReader`).
    case CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND: .closedWithoutAnswer
    case CURLE_PARTIAL_FILE: .truncated
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR: .connectionLost
    default: .other(Int32(code.rawValue))
    }
  }

  private func message(_ cause: TransferFailure.Cause, _ code: CURLcode) -> String {
    switch cause {
    case .closedWithoutAnswer: "the server closed the connection without an answer"
    case .answerTooLarge:
      "the answer is larger than the limit of \(request.limits.responseBytes) bytes"
    case .invalidRequest: body.problem ?? "the request cannot be sent: \(reason(code))"
    case .truncated: "the answer was cut short: \(reason(code))"
    case .timedOut: "the time limit passed: \(reason(code))"
    default: "the transfer failed: \(reason(code))"
    }
  }
}
