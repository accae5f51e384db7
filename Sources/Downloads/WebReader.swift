import Transfer

/// Gets what lies at an address, through redirects.
///
/// Data is fetched without any key, so a redirect can carry none away; still none may lead from an
/// encrypted connection to an open one, nor to anything but HTTP.
struct WebReader: Sendable {
  let client: TransferClient

  static let redirects = 10

  /// One request, and one more for each redirect.
  ///
  /// - Returns: An answer that is no redirect, or why there is none.
  /// - Throws: `SourceError` for a redirect that is not followed, `CancellationError`.
  func get(
    _ url: String,
    headers: [HTTPHeader] = [],
    limits: TransferLimits,
    sink: (any BodySink)? = nil
  ) async throws -> HTTPOutcome {
    var address = url
    for _ in 0...Self.redirects {
      let request = HTTPRequest(
        .get,
        address,
        headers: Self.ownHeaders + headers,
        limits: limits,
        sink: sink
      )
      let outcome = await client.perform(request)
      guard case .response(let response) = outcome, let target = response.redirect else {
        if case .failure(let failure) = outcome, failure.cause == .cancelled {
          throw CancellationError()
        }
        return outcome
      }
      try Self.check(redirect: target, from: address)
      address = target
    }
    throw SourceError(
      "'\(url)' redirects more than \(Self.redirects) times",
      hint: "open it in a browser, and write the address that the download comes from"
    )
  }

  /// The digest is of the bytes as published: nothing may pack them on the way.
  private static let ownHeaders = [
    HTTPHeader("Accept", "*/*"), HTTPHeader("Accept-Encoding", "identity"),
    HTTPHeader("User-Agent", "distill"),
  ]

  private static func check(redirect target: String, from address: String) throws(SourceError) {
    if let problem = RemoteURL.problem(of: target) {
      throw SourceError(
        "'\(address)' redirects to an address that is not used: \(problem.message)",
        hint: problem.hint
      )
    }
    guard !RemoteURL.isDowngrade(from: address, to: target) else {
      throw SourceError(
        "'\(address)' redirects from https to '\(target)', which is not encrypted",
        hint: "if that is meant, write the second address in the workflow"
      )
    }
  }
}

extension HTTPResponse {
  /// `404 Not Found`; the number alone where it is none of the usual ones.
  var statusText: String { Self.phrases[status].map { "\(status) \($0)" } ?? "\(status)" }

  private static let phrases = [
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 410: "Gone",
    416: "Range Not Satisfiable", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  ]

  /// Whether the same request may be answered another time.
  var isPassing: Bool { status == 408 || status == 429 || (status >= 500 && status != 501) }

  /// The wait that the server asks for, where it says it in seconds.
  var retryAfter: Duration? {
    header("Retry-After").flatMap { Int($0) }.map { .seconds(max(0, min($0, 1_000_000))) }
  }
}

extension TransferFailure {
  /// Whether another attempt may come further.
  var isPassing: Bool {
    switch cause {
    case .nameNotResolved, .connectFailed, .timedOut, .closedWithoutAnswer, .truncated,
      .connectionLost, .tlsFailed, .other:
      true
    case .cancelled, .invalidRequest, .certificateRefused, .answerTooLarge, .notSaved: false
    }
  }

  /// What to do about it.
  var advice: String {
    switch cause {
    case .nameNotResolved, .connectFailed:
      "look at the address and the network (proxies: http_proxy, https_proxy); offline, bring the file "
        + "here and give it to 'distill import'"
    case .tlsFailed, .certificateRefused:
      "the machine does not trust the server; SSL_CERT_FILE names further certificates"
    case .notSaved: "make room or mend the folder, and run again: what came before is kept"
    default: "run again: what came is kept, and the download goes on from there"
    }
  }
}
