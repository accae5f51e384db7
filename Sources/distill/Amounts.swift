import Foundation
import Primitives

/// Money and numbers as people read them; what is unknown is said to be unknown, never zero.
enum Amounts {
  static func money(_ amount: Money?) -> String { amount.map { "\($0)" } ?? "unknown" }

  static func money(usd: Double?) -> String { money(usd.map(Money.init(usd:))) }

  /// `0.10–0.42 USD`; one amount where both ends read the same.
  static func money(_ range: ClosedRange<Money>?) -> String {
    guard let range else { return "unknown" }
    let (low, high) = ("\(range.lowerBound)", "\(range.upperBound)")
    return low == high ? high : "\(low.split(separator: " ").first ?? "")–\(high)"
  }

  /// `1,200–3,400`.
  static func count(_ range: ClosedRange<Int>) -> String {
    range.lowerBound == range.upperBound
      ? count(range.lowerBound) : "\(count(range.lowerBound))–\(count(range.upperBound))"
  }

  /// A whole number with a comma between thousands.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return number < 0 ? "-\(text)" : text
  }

  /// `1 call`, `2 calls`.
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? one : many ?? "\(one)s")"
  }

  static func json(_ amount: Money?) -> JSON { amount.map { .number($0.usd) } ?? .null }

  static func json(_ range: ClosedRange<Money>?) -> JSON {
    range.map { ["low": .number($0.lowerBound.usd), "high": .number($0.upperBound.usd)] } ?? .null
  }

  static func json(_ range: ClosedRange<Int>) -> JSON {
    ["low": JSON(range.lowerBound), "high": JSON(range.upperBound)]
  }
}

/// Moments and durations as people read them.
enum Times {
  /// `2026-11-21 06:58:03 UTC`, from milliseconds since 1970.
  static func moment(_ milliseconds: Int64) -> String {
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    let text = date.formatted(.iso8601.dateTimeSeparator(.space))
    return text.replacing("Z", with: " UTC")
  }

  /// How long ago: `40 s`, `12 min`, `3 h 5 min`, `2 days`.
  static func age(since milliseconds: Int64, now: Date = Date()) -> String {
    span(now.timeIntervalSince1970 - Double(milliseconds) / 1000)
  }

  /// A number of seconds; a clock that was set back makes none below zero.
  static func span(_ seconds: Double) -> String {
    let whole = max(0, Int(seconds.rounded()))
    switch whole {
    case ..<120: return "\(whole) s"
    case ..<7_200: return "\(whole / 60) min"
    case ..<172_800: return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    default: return "\(whole / 86_400) days"
    }
  }
}
