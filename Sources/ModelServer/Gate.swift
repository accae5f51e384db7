import Primitives

/// Lets requests in that carry the token; where none is set, all but those of web pages.
struct Gate: Sendable {
  /// Only the digest is kept, and digests are compared: how long that takes tells nothing of use.
  private let digest: Digest?

  init(token: String?) {
    digest = token.map { Digest(of: $0) }
  }

  /// Why a request with these headers is not handled; nil if it is.
  func refusal(authorization: String?, origin: String?) -> APIError? {
    guard let digest else { return origin == nil ? nil : Self.webPage }
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer",
      Digest(of: String(words[1])) == digest
    else { return Self.noToken }
    return nil
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
}
