/// Where the server listens.
package enum ListenAddress: Sendable, Hashable {
  /// A Unix domain socket in a folder that only its owner can open.
  case socket(path: String)
  /// TCP; port 0 takes a free one.
  case tcp(host: String, port: UInt16)

  /// Checks what can be checked before listening.
  ///
  /// A model server has no users of its own: on a loopback address the machine's users are its
  /// users, on any other one a token must stand in their place.
  func check(hasToken: Bool) throws(ListenError) {
    switch self {
    case .socket(let path):
      guard path.utf8.count <= Self.longestSocketPath else {
        throw .socketPathTooLong(path, limit: Self.longestSocketPath)
      }
    case .tcp(let host, _):
      guard hasToken || Self.isLoopback(host) else { throw .openToOthers(host) }
    }
  }

  /// `sun_path` holds 104 bytes on macOS (108 on Linux), the zero at the end among them.
  private static let longestSocketPath = 103

  /// Whether a numeric address or `localhost` stays on this machine.
  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// Why the server cannot listen where it was told to.
package enum ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  case socketPathTooLong(String, limit: Int)
  case folderNotPrivate(String, mode: UInt32)
  case pathTaken(String)
  case socketInUse(String)
  case openToOthers(String)
  case unknownHost(String)
  case failed(String, reason: String)

  package var description: String {
    switch self {
    case .socketPathTooLong(let path, let limit):
      "socket path '\(path)' has \(path.utf8.count) bytes; the system takes \(limit) at most; "
        + "choose a folder nearer to the root"
    case .folderNotPrivate(let path, let mode):
      "folder '\(path)' of the socket has mode \(String(mode, radix: 8)); others could connect; "
        + "make it private: chmod 700 '\(path)'"
    case .pathTaken(let path):
      "'\(path)' exists and is not a socket; choose another path for the socket"
    case .socketInUse(let path):
      "a server listens at '\(path)' already; end it or choose another path"
    case .openToOthers(let host):
      "host '\(host)' can be reached by other machines and no token is set; set one, or listen at "
        + "127.0.0.1"
    case .unknownHost(let host):
      "host '\(host)' is no numeric address of this machine; expected something like 127.0.0.1 or ::1"
    case .failed(let place, let reason):
      "cannot listen at \(place): \(reason)"
    }
  }
}
