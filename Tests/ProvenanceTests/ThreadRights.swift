#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lets a thread of root's be refused what the modes of files refuse.
enum ThreadRights {
  /// Whether modes hold for this user, or can be made to hold.
  static var canBeLimited: Bool {
    #if canImport(Glibc)
      true
    #else
      geteuid() != 0
    #endif
  }

  /// Runs a closure without the right to overrule modes; for others than root there is none.
  static func limited<Value>(_ body: () throws -> Value) throws -> Value {
    #if canImport(Glibc)
      if geteuid() == 0 {
        let before = try Capabilities.current()
        try before.without(Capabilities.overruleModes).apply()
        // The thread belongs to others afterwards.
        let result = Result { try body() }
        try before.apply()
        return try result.get()
      }
    #endif
    return try body()
  }
}

#if canImport(Glibc)
  /// What the calling thread may do beyond other users (`capget` of Linux).
  private struct Capabilities {
    /// `CAP_DAC_OVERRIDE`, `CAP_DAC_READ_SEARCH` stays.
    static let overruleModes: UInt32 = 1 << 1

    private typealias Call =
      @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32

    struct Failure: Error {}

    /// Effective, permitted and inheritable rights, the lower 32 and then the upper 32.
    private var sets: [UInt32]

    static func current() throws -> Capabilities {
      var capabilities = Capabilities(sets: Array(repeating: 0, count: 6))
      try capabilities.call("capget")
      return capabilities
    }

    func without(_ right: UInt32) -> Capabilities {
      var changed = self
      changed.sets[0] &= ~right
      return changed
    }

    func apply() throws {
      var copy = self
      try copy.call("capset")
    }

    /// glibc has the calls, but Swift's view of it lacks their header.
    private mutating func call(_ name: String) throws {
      guard let symbol = dlsym(nil, name) else { throw Failure() }
      // `_LINUX_CAPABILITY_VERSION_3`, and the calling thread.
      var header: [UInt32] = [0x2008_0522, 0]
      let code = unsafeBitCast(symbol, to: Call.self)(&header, &sets)
      guard code == 0 else { throw Failure() }
    }
  }
#endif
