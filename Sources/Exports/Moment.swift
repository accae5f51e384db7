/// A moment as others write it: ISO 8601 in UTC, to the millisecond.
package struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Since 1970, UTC.
  package let milliseconds: Int64

  /// The years that four digits can write; a clock that is further off is held to them.
  private static let limits: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  package init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, Self.limits.lowerBound), Self.limits.upperBound)
  }

  /// So many seconds later; a time that cannot be added changes nothing.
  package func adding(seconds: Double) -> Moment {
    let delta = (seconds * 1000).rounded()
    guard delta.isFinite, let delta = Int64(exactly: delta) else { return self }
    let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
    return overflow ? self : Moment(milliseconds: sum)
  }

  package static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// `2026-11-21T08:41:28.171+00:00`: the offset in digits, since profiles of crates want it so.
  package var description: String {
    let days = Self.divide(milliseconds, by: 86_400_000)
    let date = Self.date(ofDay: days.quotient)
    let time = days.remainder
    let clock = [time / 3_600_000, time / 60_000 % 60, time / 1000 % 60]
    return "\(Self.digits(date.year, 4))-\(Self.digits(date.month, 2))-\(Self.digits(date.day, 2))T"
      + clock.map { Self.digits($0, 2) }.joined(separator: ":")
      + ".\(Self.digits(time % 1000, 3))+00:00"
  }

  /// The date of a day counted from 1970-01-01, by the Gregorian calendar.
  ///
  /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`: years
  /// are counted from March, so that the day of a leap year is their last.
  private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = divide(day + 719_468, by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
      month: month,
      day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
  }

  /// Division towards minus infinity: a remainder is never negative.
  private static func divide(
    _ number: Int64,
    by divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func digits(_ number: Int64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
