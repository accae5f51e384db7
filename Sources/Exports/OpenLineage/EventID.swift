import Primitives

/// Ids of runs in OpenLineage: the same for the same run and instance, whenever they are sent.
enum EventID {
  /// A UUID of version 8 made of SHA-256 over a name (RFC 9562, sections 5.8 and B.2).
  static func uuid(_ name: String) -> String {
    var bytes = Array(Digest(of: "distill:\(name)").bytes.prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      let digits = String(byte, radix: 16)
      text += digits.utf8.count == 1 ? "0\(digits)" : digits
    }
    return text
  }

  static func run(_ runID: String) -> String { uuid("run:\(runID)") }

  /// Neither id can hold a line end, so no two pairs are one name.
  static func instance(_ instance: String, in runID: String) -> String {
    uuid("instance:\(runID)\n\(instance)")
  }
}
