import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The clock that starts with the machine: nobody sets it, and all processes read the same.
package enum BootClock {
  /// Nanoseconds since the start, those of sleep included.
  package static var nanoseconds: Int64 {
    var time = timespec()
    #if canImport(Glibc)
      clock_gettime(CLOCK_BOOTTIME, &time)
    #else
      // Darwin's counts sleep, as Linux's `CLOCK_BOOTTIME` does.
      clock_gettime(CLOCK_MONOTONIC, &time)
    #endif
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// A name of this start of the machine: times of another mean nothing.
  static let bootName: OwnerWords = {
    let name = systemBootName().filter(\.isHexDigit)
    return OwnerWords(String(name.prefix(32))) ?? OwnerWords(high: 0, low: 0)
  }()

  private static func systemBootName() -> String {
    #if canImport(Glibc)
      let bytes = (try? FileSystem.read("/proc/sys/kernel/random/boot_id")) ?? []
      return String(decoding: bytes, as: UTF8.self)
    #else
      var buffer = [CChar](repeating: 0, count: 64)
      var size = buffer.count
      guard sysctlbyname("kern.bootsessionuuid", &buffer, &size, nil, 0) == 0 else { return "" }
      return String(cString: buffer)
    #endif
  }
}
