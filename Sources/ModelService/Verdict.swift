/// What one sending came to, and so what may be done next.
enum Verdict: Sendable {
  /// An answer, to be recorded and never asked for again.
  ///
  /// `isCharged` is nil if nobody can say: then the worst case stands.
  case final(Answer, isCharged: Bool?)
  /// The server has not acted, and may be asked again.
  case declined(Refusal)
  /// The request never left whole.
  case notSent(message: String)
  /// The server may have acted, and may have charged.
  ///
  /// The fragment is what came in place of an answer; `mayResend` is false if the server asked not
  /// to be asked again.
  case inDoubt(message: String, fragment: String?, mayResend: Bool)
  /// The endpoint is of no use to any call.
  case stop(EndpointStop)

  /// How a server said no.
  struct Refusal: Sendable {
    let message: String
    /// How long it asks to wait.
    let wait: Duration?
    /// False if it says that asking again is of no use.
    let mayRetry: Bool
    /// Whether it finds that it is asked too often (429).
    let isTooMany: Bool
  }
}
