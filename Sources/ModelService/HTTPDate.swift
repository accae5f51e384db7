/// The dates of HTTP headers (RFC 9110, section 5.6.7), and those that people read.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970 of a date in any of the three forms that a recipient must know:
  /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
  static func seconds(_ text: String) -> Int64? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "-" })
    switch words.count {
    case 6 where words[5] == "GMT" && words[0].hasSuffix(","):
      return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
    case 5:
      return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
    default: return nil
    }
  }

  /// `2026-11-21 00:01:30 UTC`.
  static func text(_ seconds: Int64) -> String {
    let day = (Double(seconds) / 86_400).rounded(.down)
    let (year, month, dayOfMonth) = civil(daysSince1970: Int64(day))
    let rest = seconds - Int64(day) * 86_400
    let numbers = [month, dayOfMonth, rest / 3600, rest / 60 % 60, rest % 60].map { number in
      number < 10 ? "0\(number)" : "\(number)"
    }
    return "\(year)-\(numbers[0])-\(numbers[1]) \(numbers[2]):\(numbers[3]):\(numbers[4]) UTC"
  }

  private static func seconds(
    day: Substring,
    month: Substring,
    year: Substring,
    time: Substring
  ) -> Int64? {
    guard let day = Int64(day), (1...31).contains(day),
      let month = months.firstIndex(of: String(month)),
      let year = year.count == 2 ? twoDigitYear(year) : Int64(year), (1970...9999).contains(year)
    else { return nil }
    let parts = time.split(separator: ":").map { Int64($0) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
      (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = daysSince1970(year: year, month: Int64(month) + 1, day: day)
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  /// The century is the one in which a server can be meaning to be asked again.
  private static func twoDigitYear(_ text: Substring) -> Int64? {
    Int64(text).flatMap { (0..<100).contains($0) ? ($0 < 70 ? 2000 + $0 : 1900 + $0) : nil }
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

  /// The way back, for days from 1970 on (`civil_from_days`).
  private static func civil(
    daysSince1970 days: Int64
  ) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Duration {
  /// For people: `45 s`, `6 min`, `3 h`, `2 days 4 h`; the two largest units, rounded up.
  var shown: String {
    let units: [(Int64, String)] = [(86_400, "days"), (3600, "h"), (60, "min"), (1, "s")]
    let whole = components.seconds + (components.attoseconds > 0 ? 1 : 0)
    guard let first = units.firstIndex(where: { whole >= $0.0 }) else { return "0 s" }
    let (size, name) = units[first]
    guard first + 1 < units.count else { return "\(whole) s" }
    let (smallSize, smallName) = units[first + 1]
    let small = (whole % size + smallSize - 1) / smallSize
    if small * smallSize == size { return "\(whole / size + 1) \(name)" }
    return small == 0 ? "\(whole / size) \(name)" : "\(whole / size) \(name) \(small) \(smallName)"
  }
}
