/// Makes values of an axis fit for names of instances, which become file names and words of a shell.
struct AxisSlugs {
  private var taken: Set<String> = []
  /// For each slug that several values share, the number that the last of them got.
  private var numbers: [String: Int] = [:]

  private static let allowed = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-".utf8
  )

  /// The value with letters, digits, `.`, `_`, `+` and `-` kept and all else as `-`, numbered where
  /// another value looks the same already.
  mutating func add(_ text: String) -> String {
    let base = Self.plain(text)
    var slug = base
    while !taken.insert(slug).inserted {
      let number = numbers[base, default: 1] + 1
      numbers[base] = number
      slug = "\(base)-\(number)"
    }
    return slug
  }

  private static func plain(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      if allowed.contains(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else if !result.hasSuffix("-") {
        result += "-"
      }
    }
    // Nothing that a shell or a file system takes for an option or a folder.
    return result.allSatisfy { $0 == "." || $0 == "-" } ? "value" : result
  }
}
