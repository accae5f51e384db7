/// Why an endpoint is not asked any more.
package struct EndpointStop: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// The key is missing, wrong or not allowed to (401, 403).
    case authentication
    /// No such model or service (404).
    case notFound
    /// The account has no money or no quota left.
    case quota
    /// The server asks for a longer wait than the policy allows.
    case rateLimit
    /// The user's own limit on spending; it stops everything that costs money.
    case budget
    /// It answers with a redirect.
    case redirect
    /// No connection could be made.
    case unreachable
    /// It refuses in another way that no retry mends.
    case refused
  }

  package let kind: Kind
  package let message: String
  package let hint: String?

  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Whether waiting or paying mends it: the run is paused, not failed.
  package var isPause: Bool { kind == .quota || kind == .rateLimit || kind == .budget }
}
