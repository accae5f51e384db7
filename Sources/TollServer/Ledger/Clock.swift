import Foundation

/// The wall clock.
enum Clock {
  /// Milliseconds since 1970.
  static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
  /// Seconds since 1970.
  static var seconds: Int64 { milliseconds / 1_000 }
}
