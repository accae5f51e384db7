/// The keys of an object that is being read: small objects are searched, large ones hashed.
struct SeenKeys {
  /// Keys as bytes, once there are many: Swift's `String` holds different spellings for equal.
  private var hashed: Set<[UInt8]> = []
  private static let searchLimit = 16

  /// Takes note of a key; false if it stands among the members before it.
  mutating func insert(_ key: String, behind members: [(key: String, value: JSON)]) -> Bool {
    guard members.count >= Self.searchLimit else {
      return !members.contains { UTF8Order.equal($0.key, key) }
    }
    if hashed.isEmpty { hashed = Set(members.map { Array($0.key.utf8) }) }
    return hashed.insert(Array(key.utf8)).inserted
  }
}
