import Foundation

/// Dates as HTTP writes them (RFC 9110, section 5.6.7).
enum HTTPDate {
  static func text(secondsAhead: Int) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: Date().addingTimeInterval(Double(secondsAhead)))
  }
}
