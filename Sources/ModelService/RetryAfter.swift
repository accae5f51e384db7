import Transfer

/// When a server that refused wants to be asked again.
enum RetryAfter {
  /// The wait that the headers ask for.
  ///
  /// `retry-after-ms` in milliseconds, else `retry-after` in seconds or as an HTTP date (RFC 9110,
  /// section 10.2.3). A moment past is no wait; what is no number asks for nothing.
  ///
  /// - Parameters:
  ///   - response: The refusal.
  ///   - now: Seconds since 1970, UTC.
  /// - Returns: Nil if they ask for none that can be read.
  static func wait(in response: HTTPResponse, now: Int64) -> Duration? {
    if let text = response.header("retry-after-ms"), let milliseconds = number(text) {
      return .seconds(milliseconds / 1000)
    }
    guard let text = response.header("retry-after") else { return nil }
    if let seconds = number(text) { return .seconds(seconds) }
    return HTTPDate.seconds(text).map { .seconds(max(0, $0 - now)) }
  }

  /// At most a year: a longer wait is as good as none to a program, and must not overflow.
  private static func number(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite || value == .infinity else { return nil }
    return min(max(value, 0), 365 * 86_400)
  }
}

/// The dates of HTTP headers.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970 of an `IMF-fixdate`, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func seconds(_ text: String) -> Int64? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(","),
      let day = Int64(words[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(words[2])),
      let year = Int64(words[3]), (1970...9999).contains(year)
    else { return nil }
    let time = words[4].split(separator: ":").map { Int64($0) }
    guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
      (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = daysSince1970(year: year, month: Int64(month) + 1, day: day)
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  /// Days in the Gregorian calendar; the year is taken to begin in March, so that its leap day is
  /// its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
