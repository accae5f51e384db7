import Primitives

/// Lets requests in that carry the token; where none is set, all that no web page can have sent.
struct Gate: Sendable {
  /// Only the digest is kept, and digests are compared: how long that takes tells nothing of use.
  private let digest: Digest?

  init(token: String?) {
    digest = token.map { Digest(of: $0) }
  }

  /// Why a request with these headers is not handled; nil if it is.
  func refusal(authorization: String?, origin: String?, host: String?) -> APIError? {
    guard let digest else {
      if origin != nil { return Self.webPage }
      return host.flatMap { Self.isOfThisMachine($0) ? nil : Self.otherName($0) }
    }
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer",
      Digest(of: String(words[1])) == digest
    else { return Self.noToken }
    return nil
  }

  /// Whether the value of a `Host` header, with or without a port, is a loopback address.
  private static func isOfThisMachine(_ host: String) -> Bool {
    let name =
      host.hasPrefix("[")
      ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
    return ListenAddress.isLoopback(name.lowercased())
  }

  private static let noToken = APIError(
    status: 401,
    "this server wants its token: send the header 'Authorization: Bearer <token>'",
    code: "invalid_api_key"
  )

  /// Any page that a browser shows can send to a loopback port; browsers name its origin then.
  private static let webPage = APIError(
    status: 403,
    "requests of web pages are refused; set a token, and send it, to use this server from one",
    code: "origin_refused"
  )

  /// A page may give a name of its own the address 127.0.0.1 once it is loaded; what it then asks for
  /// is of its own origin, which browsers do not name.
  private static func otherName(_ host: String) -> APIError {
    APIError(
      status: 403,
      "this server does not go by the name '\(host)'; ask for 127.0.0.1 or localhost, or set a token",
      code: "host_refused"
    )
  }
}
