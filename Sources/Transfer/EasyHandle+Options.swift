import CCurl

extension EasyHandle {
  /// Sets or clears every option that a request can choose, so that nothing of an earlier one stays.
  func set(_ request: HTTPRequest, body: BodyReader) throws(TransferFailure) {
    clearReason()
    try setAddress(request)
    try setMethod(request.method)
    if request.method.hasBody { try setBody(body) }
    try setHeaders(request.headers)
    try setLimits(request.limits)
  }

  private func setAddress(_ request: HTTPRequest) throws(TransferFailure) {
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_UNIX_SOCKET_PATH, request.unixSocket)
    let isDirect = request.unixSocket != nil || request.proxy == .none
    try set(CURLOPT_PROXY, isDirect ? "" : nil)
    try set(CURLOPT_HTTP_VERSION, Self.version(request))
    // A request waits to see whether it can share the connection that another one opens.
    try set(CURLOPT_PIPEWAIT, request.limits.version == .http2 ? 1 : 0)
  }

  /// One reset of an HTTP/2 connection puts all of its requests in doubt, so that it is used only
  /// when asked for.
  private static func version(_ request: HTTPRequest) -> Int {
    switch request.limits.version {
    case .http1: Int(CURL_HTTP_VERSION_1_1)
    // On plain http libcurl 7.88 cannot use such a connection twice.
    case .http2: Int(CURL_HTTP_VERSION_2TLS)
    }
  }

  private func setMethod(_ method: HTTPRequest.Method) throws(TransferFailure) {
    // First of all: this option makes the method POST, whatever its value.
    try check(shim_easy_set_pointer(raw, CURLOPT_POSTFIELDS, nil))
    try set(method.hasBody ? CURLOPT_POST : CURLOPT_HTTPGET, 1)
    let isPlain = method == .get || method == .post
    try set(CURLOPT_CUSTOMREQUEST, isPlain ? nil : method.rawValue)
  }

  /// Hands a small body over whole, so that it leaves in one packet with the head, and any other
  /// through the read callback.
  private func setBody(_ body: BodyReader) throws(TransferFailure) {
    // With the size known the body is sent plainly, not chunked.
    try check(shim_easy_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.size)))
    guard let bytes = body.smallBody else { return }
    let code = bytes.withUnsafeBytes { buffer in
      shim_easy_set_pointer(
        raw,
        CURLOPT_COPYPOSTFIELDS,
        UnsafeMutableRawPointer(mutating: buffer.baseAddress)
      )
    }
    try check(code)
  }

  private func setHeaders(_ headers: [HTTPHeader]) throws(TransferFailure) {
    if let header = headers.first(where: \.isMalformed) {
      throw TransferFailure(
        .notSent,
        .invalidRequest,
        message: "header '\(header.name.filter { $0.isASCII && !$0.isNewline })' has a line end "
          + "or a NUL in its name or value; expected one line"
      )
    }
    let list = headerList.set(headers)
    try check(shim_easy_set_list(raw, CURLOPT_HTTPHEADER, list))
  }

  private func setLimits(_ limits: TransferLimits) throws(TransferFailure) {
    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connect))
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.total))
    let seconds = limits.idle.map { (Self.milliseconds($0) + 999) / 1000 } ?? 0
    try set(CURLOPT_LOW_SPEED_TIME, seconds)
    try set(CURLOPT_LOW_SPEED_LIMIT, seconds == 0 ? 0 : limits.idleBytesPerSecond)
  }

  /// At least one: 0 would mean "no limit" to libcurl.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
