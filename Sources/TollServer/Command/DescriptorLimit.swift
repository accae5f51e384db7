#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many connections a server may have open.
enum DescriptorLimit {
  /// Raises the limit as far as the system lets it; many clients at once are what it is for.
  static func raise() {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return }
    // macOS refuses more than OPEN_MAX, which is 10,240, even where it reports no limit.
    limits.rlim_cur = min(limits.rlim_max, 10_240)
    // What cannot be raised stays as it is: later clients wait until others are gone.
    _ = setrlimit(resource, &limits)
  }
}
