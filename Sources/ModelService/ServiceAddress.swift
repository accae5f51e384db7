package import Diagnostics

/// Where a service of the OpenAI-compatible API answers: a base URL, or a Unix domain socket.
package struct ServiceAddress: Hashable, Sendable {
  /// Scheme and host in lower case, no default port, no slash at the end.
  package let baseURL: String
  package let unixSocket: String?
  /// Whether nothing leaves this machine: loopback or a socket.
  package let isLocal: Bool
  /// Whether what is sent can be read on the way.
  let isPlain: Bool

  /// A service on a socket of this machine.
  package init(unixSocket path: String, basePath: String = "/v1") {
    baseURL = "http://localhost\(basePath)"
    unixSocket = path
    isLocal = true
    isPlain = true
  }

  /// Reads a base URL such as `https://example.net/v1`; the problem has no position.
  package init(baseURL text: String) throws(Problem) {
    let parts = try URLParts(text)
    let defaultPort = parts.scheme == "https" ? 443 : 80
    let port = parts.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
    baseURL = "\(parts.scheme)://\(parts.host)\(port)\(parts.path)"
    unixSocket = nil
    isPlain = parts.scheme == "http"
    isLocal = Self.isLoopback(parts.host)
  }

  /// The URL of a path below the base, such as `/chat/completions`.
  func url(_ path: String) -> String { baseURL + path }

  /// How messages name the service.
  package var name: String { unixSocket.map { "socket '\($0)'" } ?? "'\(baseURL)'" }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers.first == 127
  }
}

/// The parts of a base URL, strictly read.
private struct URLParts {
  let scheme: String
  let host: String
  let port: Int?
  let path: String

  init(_ text: String) throws(Problem) {
    func problem(_ message: String, _ hint: String) -> Problem {
      Problem(message, at: nil, hint: hint)
    }
    let form = "write it like 'https://example.net/v1'"
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw problem("a base URL holds a space or a character outside ASCII", form)
    }
    guard let mark = text.firstRange(of: "://") else {
      throw problem("base URL '\(text.prefix(80))' has no scheme", form)
    }
    scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw problem("base URL has the scheme '\(scheme.prefix(20))'; expected http or https", form)
    }
    let rest = text[mark.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    // The whole URL is not repeated: what stands before the @ may be a password.
    guard !authority.contains("@") else {
      throw problem(
        "a base URL holds a user name or password",
        "take it out and name the key with api_key: {env: NAME}"
      )
    }
    let tail = rest[authority.endIndex...]
    guard !tail.contains("?"), !tail.contains("#") else {
      throw problem("base URL '\(scheme)://\(authority)…' has a query or a fragment", form)
    }
    (host, port) = try Self.split(authority, form)
    path = String(tail.reversed().drop { $0 == "/" }.reversed())
  }

  private static func split(
    _ authority: Substring,
    _ form: String
  ) throws(Problem) -> (String, Int?) {
    let bracket = authority.lastIndex(of: "]")
    let colon = authority.lastIndex(of: ":").flatMap { index in
      bracket.map { index > $0 } ?? true ? index : nil
    }
    let host = authority[..<(colon ?? authority.endIndex)].lowercased()
    let port = colon.map { Int(authority[authority.index(after: $0)...]) }
    guard !host.isEmpty else { throw Problem("a base URL has no host", at: nil, hint: form) }
    guard port != .some(nil), port.map({ (1...65_535).contains($0 ?? 0) }) ?? true else {
      throw Problem("base URL with host '\(host)' has a port that is no port", at: nil, hint: form)
    }
    return (host, port ?? nil)
  }
}
