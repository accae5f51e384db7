package import Transfer

/// When a server that refused wants to be asked again.
package enum RetryAfter {
  /// The wait that the headers ask for.
  ///
  /// `retry-after-ms` in milliseconds, else `retry-after` in seconds or as an HTTP date (RFC 9110,
  /// section 10.2.3). A date is taken from the server's own `Date`, if it sent one, since the clocks
  /// here and there may differ. A moment past is no wait; what is no number asks for nothing.
  ///
  /// - Parameters:
  ///   - response: The refusal.
  ///   - now: Seconds since 1970, UTC.
  /// - Returns: Nil if they ask for none that can be read; at most a year.
  package static func wait(in response: HTTPResponse, now: Int64) -> Duration? {
    if let text = response.header("retry-after-ms"), let milliseconds = number(text) {
      return .seconds(milliseconds / 1000)
    }
    guard let text = response.header("retry-after") else { return nil }
    if let seconds = number(text) { return .seconds(seconds) }
    guard let moment = HTTPDate.seconds(text) else { return nil }
    let now = response.header("date").flatMap(HTTPDate.seconds) ?? now
    return .seconds(min(max(0, moment - now), 365 * 86_400))
  }

  /// A longer wait than a year is as good as that to a program, and must not overflow.
  private static func number(_ text: String) -> Double? {
    guard let value = Double(text), !value.isNaN else { return nil }
    return min(max(value, 0), 365 * 86_400)
  }
}
