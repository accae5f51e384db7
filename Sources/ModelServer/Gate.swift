import Primitives

/// Lets requests in that carry the token, or all where none is set.
struct Gate: Sendable {
  /// Only the digest is kept, and digests are compared: how long that takes tells nothing of use.
  private let digest: Digest?

  init(token: String?) {
    digest = token.map { Digest(of: $0) }
  }

  func admits(_ authorization: String?) -> Bool {
    guard let digest else { return true }
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
    return Digest(of: String(words[1])) == digest
  }

  static let refusal = APIError(
    status: 401,
    "this server wants its token: send the header 'Authorization: Bearer <token>'",
    code: "invalid_api_key"
  )
}
