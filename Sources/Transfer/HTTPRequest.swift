/// One HTTP request, complete before it starts.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"

    var hasBody: Bool { self == .post || self == .put }
  }

  /// Where a request may pass through a proxy.
  package enum ProxyUse: Sendable {
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    case environment
    /// Straight to the server, whatever the environment says.
    case none
  }

  package var method: Method
  /// Absolute, `http` or `https`; other schemes are refused unsent.
  package var url: String
  /// Path of a Unix domain socket to connect to instead of the URL's host; no proxy is used then.
  package var unixSocket: String?
  package var headers: [HTTPHeader]
  package var body: HTTPBody
  package var limits: TransferLimits
  package var proxy: ProxyUse
  /// Where the body of a success (2xx) goes instead of into memory: a file that is not there yet,
  /// for this user alone.
  package var saveTo: String?
  /// What takes the body of a success (2xx) instead; nothing is saved then.
  package var sink: (any BodySink)?

  package init(
    _ method: Method,
    _ url: String,
    unixSocket: String? = nil,
    headers: [HTTPHeader] = [],
    body: HTTPBody = .empty,
    limits: TransferLimits = TransferLimits(),
    proxy: ProxyUse = .environment,
    saveTo: String? = nil,
    sink: (any BodySink)? = nil
  ) {
    self.method = method
    self.url = url
    self.unixSocket = unixSocket
    self.headers = headers
    self.body = body
    self.limits = limits
    self.proxy = proxy
    self.saveTo = saveTo
    self.sink = sink
  }
}

/// A header line.
///
/// Names compare without regard to case.
package struct HTTPHeader: Sendable, Hashable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Whether the line could smuggle in another: it holds a line end or a NUL.
  var isMalformed: Bool {
    name.isEmpty || Self.breaksLine(name) || Self.breaksLine(value)
  }

  private static func breaksLine(_ text: String) -> Bool {
    text.utf8.contains { byte in byte == 0 || byte == 0x0A || byte == 0x0D }
  }
}

/// Which HTTP to speak.
package enum HTTPVersion: Sendable, Hashable {
  /// One request at a time on a connection: what ends it puts one request in doubt.
  case http1
  /// Many requests on one connection, over TLS and if the server offers it; else as `http1`.
  ///
  /// What ends the connection puts all of them in doubt, those too that the server says it did not
  /// look at (GOAWAY, REFUSED_STREAM): libcurl does not hand that on.
  case http2
}

/// How a transfer may be made: how long it may take, how much may come back, by which HTTP.
package struct TransferLimits: Sendable, Hashable {
  /// For name, connection and TLS together.
  package var connect: Duration
  /// For the whole transfer.
  package var total: Duration
  /// How long fewer than `idleBytesPerSecond` may pass, on average, before the transfer is ended.
  ///
  /// Whole seconds, rounded up. Nil leaves only the total: a model that thinks for minutes sends
  /// nothing meanwhile.
  package var idle: Duration?
  package var idleBytesPerSecond: Int
  /// Largest body of an answer, in bytes.
  package var responseBytes: Int
  package var version: HTTPVersion

  package init(
    connect: Duration = .seconds(30),
    total: Duration = .seconds(600),
    idle: Duration? = nil,
    idleBytesPerSecond: Int = 8,
    responseBytes: Int = 64 << 20,
    version: HTTPVersion = .http1
  ) {
    self.connect = connect
    self.total = total
    self.idle = idle
    self.idleBytesPerSecond = idleBytesPerSecond
    self.responseBytes = responseBytes
    self.version = version
  }
}
