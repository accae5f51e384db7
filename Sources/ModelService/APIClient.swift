import Transfer

/// Sends requests of the API to an endpoint, with its key.
struct APIClient: Sendable {
  let transfer: TransferClient
  let keys: KeyRing

  /// The endpoint's key, if it has one.
  func secret(for endpoint: ModelEndpoint) async throws -> Secret? {
    guard let source = endpoint.apiKey else { return nil }
    return try await keys.secret(source)
  }

  /// One sending of one request.
  ///
  /// `headers` go with those that every request has; `limits` stand in for the endpoint's own, which
  /// are made for calls. With `saveTo` the body of a success goes to a new file of that path.
  func send(
    _ method: HTTPRequest.Method,
    _ target: String,
    to endpoint: ModelEndpoint,
    secret: Secret?,
    body: HTTPBody = .empty,
    contentType: String = "application/json",
    headers extra: [HTTPHeader] = [],
    limits: TransferLimits? = nil,
    saveTo path: String? = nil
  ) async -> HTTPOutcome {
    var headers = [
      HTTPHeader("Accept", "application/json"),
      // Nothing is unpacked here, so nothing small can become large.
      HTTPHeader("Accept-Encoding", "identity"),
      HTTPHeader("User-Agent", "distill"),
    ]
    if !body.pieces.isEmpty { headers.append(HTTPHeader("Content-Type", contentType)) }
    if let secret { headers.append(endpoint.dialect.keyHeader(secret)) }
    return await transfer.perform(
      HTTPRequest(
        method,
        endpoint.url(target),
        unixSocket: endpoint.address.unixSocket,
        headers: headers + extra,
        body: body,
        limits: limits ?? endpoint.transfer,
        // A proxy would take what is meant for this machine elsewhere, key included.
        proxy: endpoint.address.isLocal ? .none : .environment,
        saveTo: path
      )
    )
  }
}
