/// The rules for addresses that data is fetched from.
package enum RemoteURL {
  /// Why an address cannot be used; nil if it can.
  ///
  /// It takes `http` and `https` with a host, and a query. Names and passwords are refused: a
  /// workflow is committed and shared, and data is fetched without any key.
  package static func problem(of url: String) -> SourceError? {
    let lowered = url.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }) else {
      return SourceError(
        "'\(url)' is no address that data can be fetched from",
        hint: "write one that begins with https:// or http://; a file on this machine is a 'path'"
      )
    }
    guard url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else {
      return SourceError(
        "'\(url)' has a blank, or a letter that no address can have",
        hint: "write it percent-encoded, as a browser copies it"
      )
    }
    let rest = url.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.contains("@") {
      return SourceError(
        "the address '\(scheme)…@\(authority.drop { $0 != "@" }.dropFirst())' holds a name or password",
        hint: "data is fetched without keys; download the file and give it to 'distill import'"
      )
    }
    guard !host(authority).isEmpty else {
      return SourceError("'\(url)' names no host", hint: "write https://HOST/PATH")
    }
    guard !rest.contains("#") else {
      return SourceError("'\(url)' has a part behind '#'", hint: "remove '#' and what follows")
    }
    return nil
  }

  /// Whether what an address leads to must be unpacked before anybody can read it; the ending.
  package static func packedEnding(of url: String) -> String? {
    let path = url.prefix { $0 != "?" }.lowercased()
    return packed.first { path.hasSuffix($0) }
  }

  private static let packed = [
    ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".parquet", ".arrow",
  ]

  /// Whether a redirect goes from an encrypted connection to an open one.
  static func isDowngrade(from old: String, to new: String) -> Bool {
    old.lowercased().hasPrefix("https://") && !new.lowercased().hasPrefix("https://")
  }

  /// A text as it can stand in a query (RFC 3986, section 2.3).
  static func queryValue(_ text: String) -> String {
    var value = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        value.unicodeScalars.append(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        value += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return value
  }

  private static func host(_ authority: Substring) -> Substring {
    if authority.hasPrefix("[") { return authority.prefix { $0 != "]" }.dropFirst() }
    return authority.prefix { $0 != ":" }
  }
}
