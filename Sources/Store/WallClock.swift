#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The wall clock, for records that people read.
///
/// No result, order or key depends on it.
enum WallClock {
  /// Nanoseconds since 1970, UTC.
  static var nanoseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Milliseconds since 1970, UTC.
  static var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
