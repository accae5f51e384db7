#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Names and times of files and jobs, unlike those of any other server's.
enum Identifier {
  /// The prefix and 96 random bits.
  static func make(_ prefix: String) -> String {
    let digits = (0..<3).map { _ in
      let word = String(UInt32.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 8 - word.count) + word
    }
    return prefix + digits.joined()
  }

  /// Seconds since 1970 UTC.
  static var now: Int64 { Int64(time(nil)) }
}
