import CCurl

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension CurlTransfer {
  func setAddress() throws(TransferFailure) {
    try check(shim_easy_set_string(handle, CURLOPT_URL, request.url))
    try check(shim_easy_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
    // A redirect could carry key and prompt to another server: it is reported, never followed.
    try check(shim_easy_set_long(handle, CURLOPT_FOLLOWLOCATION, 0))
    // One reset of an HTTP/2 connection would put all of its requests in doubt.
    try check(shim_easy_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)))
    try check(shim_easy_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
    try check(shim_easy_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1))
    if let path = request.unixSocket {
      try check(shim_easy_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, path))
    }
    if request.unixSocket != nil || request.proxy == .none {
      try check(shim_easy_set_string(handle, CURLOPT_PROXY, ""))
    }
    try setCertificates()
  }

  /// Trusts what the environment names, as the curl program does; the library alone does not look.
  private func setCertificates() throws(TransferFailure) {
    if let file = Self.environment("CURL_CA_BUNDLE") ?? Self.environment("SSL_CERT_FILE") {
      try check(shim_easy_set_string(handle, CURLOPT_CAINFO, file))
    }
    if let folder = Self.environment("SSL_CERT_DIR") {
      try check(shim_easy_set_string(handle, CURLOPT_CAPATH, folder))
    }
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  func setBody() throws(TransferFailure) {
    switch request.method {
    case .get: try check(shim_easy_set_long(handle, CURLOPT_HTTPGET, 1))
    case .delete: try check(shim_easy_set_string(handle, CURLOPT_CUSTOMREQUEST, "DELETE"))
    case .post:
      try check(shim_easy_set_long(handle, CURLOPT_POST, 1))
      // With the size known the body is sent plainly, not chunked.
      try check(
        shim_easy_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.size))
      )
    }
  }

  func setHeaders() throws(TransferFailure) {
    for header in request.headers {
      guard !header.isMalformed else {
        throw TransferFailure(
          .notSent,
          .invalidRequest,
          message: "header '\(header.name.filter { $0.isASCII && !$0.isNewline })' has a line end "
            + "or a NUL in its name or value; expected one line"
        )
      }
      // libcurl's sign for a header without a value is a semicolon.
      append(
        headerLine: header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
      )
    }
    // Left alone libcurl asks to continue, and waits a second for servers that ignore it.
    append(headerLine: "Expect:")
    try attachHeaderList()
  }

  func setLimits() throws(TransferFailure) {
    let limits = request.limits
    try check(
      shim_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connect))
    )
    try check(shim_easy_set_long(handle, CURLOPT_TIMEOUT_MS, Self.milliseconds(limits.total)))
    if let idle = limits.idle {
      let seconds = (Self.milliseconds(idle) + 999) / 1000
      try check(shim_easy_set_long(handle, CURLOPT_LOW_SPEED_TIME, seconds))
      try check(shim_easy_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, limits.idleBytesPerSecond))
    }
    try check(shim_easy_set_long(handle, CURLOPT_NOSIGNAL, 1))
  }

  /// At least one: 0 would mean "no limit" to libcurl.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
