#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The environment variables of this process.
package enum ProcessEnvironment {
  package static func value(of name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
