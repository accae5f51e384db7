import Primitives
import Store

/// Hands out paths inside of a crate: each stays in it, and no two are one on any file system.
///
/// Names come from workflows, programs and providers, so nothing of them is trusted: what is not
/// plain becomes `_`, and a name that was changed ends in digits of its digest, so that names that
/// differ get paths that differ.
struct CratePaths {
  /// In lower case, since some file systems take two spellings for one name.
  private var taken: Set<String> = []

  /// A free path of these components, which may be any text.
  mutating func path(_ components: [String]) -> String {
    let names = components.map(Self.name)
    var path = names.joined(separator: "/")
    var number = 2
    while !taken.insert(path.lowercased()).inserted {
      path = (names.dropLast() + ["\(number)-\(names.last ?? "_")"]).joined(separator: "/")
      number += 1
    }
    return path
  }

  /// Names that mean a device on some systems, whatever stands behind their first point.
  private static let devices: Set<Substring> = ["con", "prn", "aux", "nul"]
  private static let longest = 100

  /// One component: letters, digits and `. _ @ = + -`, not hidden, at most 120 bytes.
  static func name(_ text: String) -> String {
    var name = String(
      decoding: text.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") },
      as: UTF8.self
    )
    if name.hasPrefix(".") || name.hasPrefix("-") { name = "_" + name.dropFirst() }
    if name.hasSuffix(".") { name = name.dropLast() + "_" }
    if let first = name.lowercased().split(separator: ".").first, devices.contains(first) {
      name = "_" + name
    }
    guard !UTF8Order.equal(name, text) || name.utf8.count > longest || name.isEmpty else {
      return name
    }
    let mark = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
    let ending = mark.map { name[$0...] } ?? ""
    let stem = name[..<(mark ?? name.endIndex)]
    let short = ending.utf8.count > 12 ? "" : ending
    return "\(stem.prefix(longest - 20))-\(Digest(of: text).short)\(short)"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "@"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
