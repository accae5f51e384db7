/// What must be known of an endpoint's address before anything is sent there.
struct EndpointURL {
  let isEncrypted: Bool
  let host: String

  /// Takes `http(s)://host[:port][/path]`; nil for anything else, credentials included.
  init?(_ text: String) {
    let lowered = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }) else {
      return nil
    }
    let isVisible = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
    let rest = text.dropFirst(scheme.count)
    guard isVisible, !rest.contains("?"), !rest.contains("#"), !rest.contains("@") else {
      return nil
    }
    let authority = rest.prefix { $0 != "/" }
    let host: Substring
    let port: Substring
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      host = authority[...close]
      port = authority[authority.index(after: close)...]
    } else {
      host = authority.prefix { $0 != ":" }
      port = authority.dropFirst(host.count)
    }
    let isPort = port.isEmpty || UInt16(port.dropFirst()).map { $0 > 0 } == true
    guard !host.isEmpty, isPort, port.isEmpty || port.hasPrefix(":") else { return nil }
    isEncrypted = scheme == "https://"
    self.host = String(host).lowercased()
  }

  /// Whether the address is this machine, so that nothing travels.
  ///
  /// A name that only looks like an address (`127.example.net`) is none.
  var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers.first == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }
}
