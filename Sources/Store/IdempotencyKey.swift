import Primitives

/// What a server is told so that it charges all attempts for one answer once.
///
/// Made of what is durable anyway, so it needs no row: SHA-256 over the store's id (32 hexadecimal
/// digits as text), the call key (32 bytes), and the number of answers that the call had when the
/// attempt was granted (decimal text). The first 32 hexadecimal digits of that are the key. Two
/// stores that make the same call have different keys: each wants an answer of its own.
enum IdempotencyKey {
  static func make(storeID: String, call: Digest, answers: Int) -> String {
    var bytes = Array(storeID.utf8)
    bytes.append(contentsOf: call.bytes)
    bytes.append(contentsOf: String(answers).utf8)
    return String(Digest(of: bytes).hex.prefix(32))
  }
}
