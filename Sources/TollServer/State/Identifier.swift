/// Ids as services make them.
enum Identifier {
  static func make(_ prefix: String) -> String {
    let hex = String(UInt64.random(in: 0 ... .max), radix: 16)
    return prefix + String(repeating: "0", count: 16 - hex.count) + hex
  }
}
